// What is finer than a tensor's pixel comes out grey, not as a pattern that is not there.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "preprocess/sampler.hpp"
#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

constexpr Size kPicture{400, 300};
constexpr Size kTensor{60, 44};
constexpr double kGrey = 127.5;

TestPicture checkerboard(PixelFormat format) {
  TestPicture picture({.format = format, .size = kPicture, .color = {.range = ColorRange::full}});
  picture.render([](double x, double y) {
    const bool white = (static_cast<int>(x) + static_cast<int>(y)) % 2 == 0;
    const double level = white ? 255 : 0;
    return std::array<double, 3>{level, level, level};
  });
  return picture;
}

/// Waves of `period_px` from left to right.
TestPicture waves(double period_px) {
  TestPicture picture(
      {.format = PixelFormat::gray8, .size = kPicture, .color = {.range = ColorRange::full}});
  picture.render([period_px](double x, double) {
    const double level = kGrey * (1 + std::sin(2 * std::numbers::pi * x / period_px));
    return std::array<double, 3>{level, level, level};
  });
  return picture;
}

/// A region inside the picture whose tensor pixels are `scale` picture pixels wide.
Affine<UprightPx, TensorPx> region(double scale, double angle_rad) {
  const RotatedBox<UprightPx> roi{{200.3F, 150.2F},
                                  static_cast<float>(scale * kTensor.width),
                                  static_cast<float>(scale * kTensor.height),
                                  static_cast<float>(angle_rad)};
  return region_from_tensor(roi, kTensor);
}

/// The largest distance of any value from mid grey, in levels.
double contrast(const TestPicture& picture, const Affine<UprightPx, TensorPx>& map) {
  Tensor tensor(ElementType::float32, {1, 3, kTensor.height, kTensor.width});
  EXPECT_TRUE(create_sampler({}).value()->sample(picture.frame(), map, {}, tensor.view()));
  double worst = 0;
  for (const float value : tensor.floats())
    worst = std::max(worst, std::abs(static_cast<double>(value) - kGrey));
  return worst;
}

TEST(Shrinking, ACheckerboardAtAWholeScaleIsFlatGrey) {
  for (const PixelFormat format :
       {PixelFormat::gray8, PixelFormat::yuv420p, PixelFormat::rgb24, PixelFormat::p010}) {
    const TestPicture picture = checkerboard(format);
    EXPECT_LT(contrast(picture, region(2, 0)), 1) << layout_of(format).name;
    EXPECT_LT(contrast(picture, region(4, 0)), 1) << layout_of(format).name;
  }
}

// Between whole scales a window holds up to one sample more of one colour than of the other: 5 %
// of the contrast at most, where interpolation without a window shows all of it.
TEST(Shrinking, ACheckerboardAtAnyScaleAndAngleIsNearlyFlat) {
  const TestPicture picture = checkerboard(PixelFormat::yuv420p);
  for (const double scale : {2.3, 2.5, 3.1, 3.7, 4.4}) {
    for (const double angle : {0.0, 0.1, 0.5, std::numbers::pi / 2, 2.0})
      EXPECT_LT(contrast(picture, region(scale, angle)), 0.05 * 255) << scale << ' ' << angle;
  }
}

// Pixels of a whole scale lie alike between their neighbours, here 0.3 and 0.2 from them: a share
// of (1 - 0.6) (1 - 0.4) of the contrast is left. Turned, they lie anywhere.
TEST(Shrinking, WithoutALowPassACheckerboardKeepsItsColours) {
  const TestPicture picture = checkerboard(PixelFormat::yuv420p);
  Tensor tensor(ElementType::float32, {1, 3, kTensor.height, kTensor.width});
  const auto contrast_at = [&](double angle_rad) {
    EXPECT_TRUE(create_sampler({}).value()->sample(picture.frame(), region(3, angle_rad),
                                                   {.low_pass = false}, tensor.view()));
    const auto [least, most] = std::ranges::minmax(tensor.floats());
    return static_cast<double>(most - least) / 255;
  };
  EXPECT_NEAR(contrast_at(0), 0.24, 0.005);
  EXPECT_GT(contrast_at(0.5), 0.7);
}

TEST(Shrinking, WavesFinerThanAPixelAreNearlyFlat) {
  for (const double scale : {2.6, 3.3, 4.5}) {
    // A window 1.2 waves long leaves sin(1.2 pi) / (1.2 pi) = 0.16 of the wave, and samples of a
    // wave that is nearly as fine as they are overstate it by up to 1.45.
    const TestPicture picture = waves(scale / 1.2);
    EXPECT_LT(contrast(picture, region(scale, 0)), 0.23 * kGrey) << scale;
    EXPECT_LT(contrast(picture, region(scale, 0.4)), 0.23 * kGrey) << scale;
  }
}

TEST(Shrinking, KeepsWhatIsCoarserThanAPixel) {
  const TestPicture picture = waves(30);
  EXPECT_GT(contrast(picture, region(3, 0)), 0.95 * kGrey);
  EXPECT_GT(contrast(picture, region(3, 0.4)), 0.95 * kGrey);
}

TEST(Shrinking, DoesNotSoftenARegionOfTheTensorsSize) {
  const TestPicture picture = checkerboard(PixelFormat::gray8);
  Affine<UprightPx, TensorPx> on_pixels{.x0 = 100, .y0 = 90};
  EXPECT_GT(contrast(picture, on_pixels), kGrey - 0.6);
}

}  // namespace
}  // namespace retinue
