// The sampler equals its definition: every pixel format and orientation, every layout and order of
// channels, any region, on every instruction set that this machine has.
//
// Tolerances are in levels of 255. Fixed-point means are rounded to 1/256 of an 8-bit code (or to
// the code itself, of 16 bits), which the colour matrix amplifies by at most 2.2: 0.5 / 256 * 2.2 <
// 0.005. Places are exact to about 1e-5 samples, next to which noise may change by the whole range.
// Both together stay below 0.01. Columns of chroma that are halved have weights in units of 2^-15,
// which the matrix amplifies, too.
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "preprocess/cpu/reference_sampler.hpp"
#include "preprocess/sampler.hpp"
#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

constexpr float kTolerance = 0.01F;

/// Everything that one call depends on.
struct Case {
  TestPicture::Settings picture;
  SampleSpec spec;
  Size size;
  Affine<UprightPx, TensorPx> map;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  const auto& map = c.map;
  return out << layout_of(c.picture.format).name << ' ' << c.picture.size.width << 'x'
             << c.picture.size.height << " orientation " << static_cast<int>(c.picture.orientation)
             << " aspect " << c.picture.pixel_aspect << " border "
             << static_cast<int>(c.spec.border) << (c.spec.low_pass ? "" : " bilinear") << " into "
             << c.size.width << 'x' << c.size.height << " map [" << map.xx << ' ' << map.xy << ' '
             << map.x0 << "; " << map.yx << ' ' << map.yy << ' ' << map.y0 << ']';
}

class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}

  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(random_()) / 4294967296.0;
  }
  int below(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool one_in(int count) { return below(count) == 0; }
  template <typename T, std::size_t N>
  T of(const std::array<T, N>& values) {
    return values.at(random_() % N);
  }

 private:
  std::mt19937 random_;
};

/// A region somewhere on, beside or around the picture.
RotatedBox<UprightPx> random_region(Chance& chance, const Box<UprightPx>& picture, Size tensor) {
  RotatedBox<UprightPx> roi;
  const double scale = std::exp2(chance.between(-2, 2));
  roi.width = static_cast<float>(scale * tensor.width);
  roi.height = static_cast<float>(scale * tensor.height * (chance.one_in(3) ? 1.4 : 1));
  roi.center = {static_cast<float>(chance.between(-0.2, 1.2)) * picture.width,
                static_cast<float>(chance.between(-0.2, 1.2)) * picture.height};
  if (!chance.one_in(3)) roi.angle_rad = static_cast<float>(chance.between(-4, 4));
  if (chance.one_in(4)) roi.angle_rad = static_cast<float>(chance.below(4) * std::numbers::pi / 2);
  if (chance.one_in(8)) roi.center = {1e6F, -3e5F};
  if (chance.one_in(6)) {  // Whole pixels at a whole scale, as letterboxes have.
    const auto factor = static_cast<float>(1 + chance.below(4));
    roi = {{std::round(roi.center.x), std::round(roi.center.y)},
           factor * static_cast<float>(tensor.width),
           factor * static_cast<float>(tensor.height)};
  }
  return roi;
}

Case random_case(Chance& chance, PixelFormat format, Orientation orientation) {
  constexpr auto kSizes = std::to_array<Size>(
      {{61, 35}, {64, 48}, {1, 1}, {2, 2}, {3, 1}, {1, 7}, {33, 17}, {90, 4}, {5, 80}, {128, 96}});
  constexpr auto kTensors =
      std::to_array<Size>({{24, 20}, {16, 16}, {37, 5}, {1, 1}, {3, 29}, {32, 24}});
  Case c;
  c.picture = {
      .format = format,
      .size = chance.of(kSizes),
      .color = {static_cast<ColorMatrix>(chance.below(3)), static_cast<ColorRange>(chance.below(2)),
                static_cast<ChromaLocation>(chance.below(3))},
      .orientation = orientation,
      .rows = static_cast<RowOrder>(chance.below(2)),
      .padding_bytes = chance.one_in(2) ? 0 : 10};
  if (chance.one_in(3)) c.picture.pixel_aspect = chance.between(0.5, 2);
  c.size = chance.of(kTensors);
  c.spec.border = static_cast<Border>(chance.below(2));
  c.spec.border_value = static_cast<float>(chance.below(256));
  if (chance.one_in(4)) c.spec.low_pass = false;
  const PictureGeometry geometry{c.picture.size, orientation, c.picture.pixel_aspect};
  c.map = region_from_tensor(random_region(chance, geometry.upright_bounds(), c.size), c.size);
  return c;
}

Shape shape_of(const SampleSpec& spec, Size size) {
  const bool grey = spec.channels == ChannelOrder::grey;
  if (spec.layout == TensorLayout::nchw) return {1, grey ? 1 : 3, size.height, size.width};
  if (grey) return {1, size.height, size.width, 1};
  return {1, size.height, size.width, spec.channels == ChannelOrder::bgrx ? 4 : 3};
}

template <typename Value>
void expect_close(const TensorView& actual, const TensorView& expected, float tolerance) {
  const auto* a = static_cast<const Value*>(actual.data);
  const auto* e = static_cast<const Value*>(expected.data);
  for (std::int64_t i = 0; i < expected.shape.element_count(); ++i)
    ASSERT_NEAR(a[i], e[i], tolerance) << "at element " << i;
}

class EveryInstructionSet : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  void expect_definition(const Case& c, std::uint32_t seed, float tolerance = kTolerance) {
    SCOPED_TRACE(::testing::Message() << c);
    TestPicture picture(c.picture);
    picture.fill_with_noise(seed);
    Tensor actual(c.spec.type, shape_of(c.spec, c.size));
    Tensor expected(c.spec.type, shape_of(c.spec, c.size));
    ASSERT_TRUE(sampler_->sample(picture.frame(), c.map, c.spec, actual.view()));
    ASSERT_TRUE(sample_by_definition(picture.frame(), c.map, c.spec, expected.view()));
    if (c.spec.type == ElementType::float32) {
      expect_close<float>(actual.view(), expected.view(), tolerance);
    } else {
      expect_close<std::uint8_t>(actual.view(), expected.view(), tolerance);
    }
  }

  std::unique_ptr<Sampler> sampler_ = create_sampler({}).value();
};

TEST_P(EveryInstructionSet, ReadsEveryFormatInEveryOrientation) {
  Chance chance(1);
  for (const PixelFormatLayout& layout : pixel_format_layouts()) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      for (std::uint32_t round = 0; round < 6; ++round) {
        const Case c = random_case(chance, layout.format, static_cast<Orientation>(orientation));
        expect_definition(c, round);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(EveryInstructionSet, NormalizesIntoEveryLayoutAndOrder) {
  Chance chance(2);
  for (const TensorLayout layout : {TensorLayout::nchw, TensorLayout::nhwc}) {
    for (const ChannelOrder order : {ChannelOrder::rgb, ChannelOrder::bgr, ChannelOrder::grey}) {
      for (std::uint32_t round = 0; round < 8; ++round) {
        Case c = random_case(chance, PixelFormat::yuv420p, Orientation::upright);
        c.spec.layout = layout;
        c.spec.channels = order;
        c.spec.mean = {123.7F, 116.3F, 103.5F};
        c.spec.scale = {1 / 58.4F, 1 / 57.1F, 1 / 57.4F};
        expect_definition(c, round, kTolerance / 50);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(EveryInstructionSet, InvertsColoursWhereTheScaleIsNegative) {
  Chance chance(5);
  for (std::uint32_t round = 0; round < 16; ++round) {
    Case c = random_case(chance, PixelFormat::yuv420p, Orientation::upright);
    c.spec.mean = {255, 0, 127.5F};
    c.spec.scale = {-1, 1, -0.5F};
    expect_definition(c, round);
    if (HasFatalFailure()) return;
  }
}

TEST_P(EveryInstructionSet, RoundsBytesToNearestInEveryLayoutAndOrder) {
  Chance chance(3);
  constexpr auto kKinds = std::to_array<SampleSpec>({
      {.layout = TensorLayout::nchw, .channels = ChannelOrder::rgb},
      {.layout = TensorLayout::nchw, .channels = ChannelOrder::bgr},
      {.layout = TensorLayout::nhwc, .channels = ChannelOrder::rgb},
      {.layout = TensorLayout::nhwc, .channels = ChannelOrder::bgr},
      {.layout = TensorLayout::nhwc, .channels = ChannelOrder::bgrx},
      {.layout = TensorLayout::nchw, .channels = ChannelOrder::grey},
  });
  for (const SampleSpec& kind : kKinds) {
    for (std::uint32_t round = 0; round < 8; ++round) {
      Case c = random_case(chance, PixelFormat::rgb24, Orientation::upright);
      c.spec.layout = kind.layout;
      c.spec.channels = kind.channels;
      c.spec.type = ElementType::uint8;
      // A value next to a half may be rounded either way.
      expect_definition(c, round, 1);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(EveryInstructionSet, AppliesTheHdrCurve) {
  Chance chance(4);
  for (const TransferFunction transfer : {TransferFunction::pq, TransferFunction::hlg}) {
    for (std::uint32_t round = 0; round < 8; ++round) {
      Case c = random_case(chance, PixelFormat::yuv420p10, Orientation::upright);
      c.picture.color.transfer = transfer;
      // The curve is a table: next to black, where it is steepest, a step is up to a level off.
      expect_definition(c, round, 0.5F);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(EveryInstructionSet, FollowsRowsFarAcrossAWidePicture) {
  Case c;
  c.picture = {.format = PixelFormat::gray8, .size = {3000, 4}};
  c.size = {1500, 2};
  c.map = {.xx = 1.9, .xy = 0.01, .x0 = 3, .yx = 0.001, .yy = 1, .y0 = 0.4};
  expect_definition(c, 1);
  c.map = {.xx = 0.97, .xy = 0.01, .x0 = 1411, .yx = 0.001, .yy = 1, .y0 = 0.4};
  expect_definition(c, 1);
  c.map = {.xx = 2, .xy = 0, .x0 = 0, .yx = 0, .yy = 1, .y0 = 1};
  expect_definition(c, 1);
}

// Megabytes between the first pixel of a line and the last.
TEST_P(EveryInstructionSet, FollowsLinesThroughRowsThatLieFarApart) {
  Case c;
  c.picture = {.format = PixelFormat::bgra, .size = {250, 500}, .padding_bytes = 20000};
  c.spec.low_pass = false;
  c.size = {200, 3};
  c.map = {.xx = 0.4, .xy = 0.1, .x0 = 60, .yx = 2.2, .yy = 0.7, .y0 = 20};
  expect_definition(c, 1);
}

TEST_P(EveryInstructionSet, ShrinksThePictureByAWholeNumber) {
  Case c;
  c.picture.padding_bytes = 6;
  c.spec.border = Border::constant;
  for (const PixelFormat format : {PixelFormat::yuv420p, PixelFormat::nv12, PixelFormat::gray8}) {
    for (const int factor : {2, 3, 4, 8}) {
      for (const int width : {1, 7, 16, 37, 80}) {
        constexpr int kHeight = 5;
        constexpr int kBorder = 3;
        c.picture.format = format;
        c.picture.size = {factor * width, factor * kHeight};
        c.size = {width + 2 * kBorder, kHeight + 2 * kBorder};
        const double s = factor;
        c.map = {.xx = s, .xy = 0, .x0 = -kBorder * s, .yx = 0, .yy = s, .y0 = -kBorder * s};
        expect_definition(c, 1);
        c.map.x0 += s / 2;  // Blocks that begin within a pixel, or beyond one.
        expect_definition(c, 1);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(EveryInstructionSet, HalvesChromaThatLiesAnywhereBesideItsPixels) {
  // Rounding moves at most one unit from column to column: the sum of the weights stays.
  constexpr float kOfWeights = 1.0F / (1 << 15) * 2 * 255 * 2.2F;
  Case c;
  c.picture.format = PixelFormat::yuv420p;
  c.picture.size = {320, 20};
  c.size = {78, 5};
  for (const double offset : {0.1, 0.3, 0.77, 1.9}) {
    c.map = {.xx = 4, .xy = 0, .x0 = offset, .yx = 0, .yy = 4, .y0 = 0};
    expect_definition(c, 1, kTolerance + kOfWeights);
  }
}

TEST_P(EveryInstructionSet, ShrinksThePictureToLessThanAPixel) {
  Case c;
  c.picture = {.format = PixelFormat::yuv420p, .size = {61, 35}};
  c.spec.border = Border::constant;
  c.size = {5, 4};
  for (const double scale : {20.0, 100.0, 5000.0, 3e6}) {
    c.map = {.xx = scale, .xy = 0.2 * scale, .x0 = -scale, .yx = 0, .yy = scale, .y0 = -scale};
    expect_definition(c, 1);
    c.map.xy = 0;
    expect_definition(c, 1);
  }
}

std::vector<std::int64_t> instruction_sets() {
  return hwy::SupportedAndGeneratedTargets();
}

INSTANTIATE_TEST_SUITE_P(Sampler, EveryInstructionSet, ::testing::ValuesIn(instruction_sets()),
                         [](const auto& test) { return std::string(hwy::TargetName(test.param)); });

}  // namespace
}  // namespace retinue
