// The pictures by which MediaPipe tests its own preparation of model inputs. Regions, sizes and
// borders are those of mediapipe/calculators/tensor/image_to_tensor_calculator_test.cc.
//
// Its tolerance is 5 levels. Most of that pays for OpenCV, which made the pictures and rounds
// places to 1/32 of a pixel: at an edge from black to white that is 4 levels for each axis. So ours
// is: each golden value lies within 3 levels of what the sampler gives around the pixel's place, no
// more than 1/64 of a pixel away in either direction.
//
// The pictures were made by MediaPipe's OpenCV converter, which counts pixels by their centres: the
// corner of the region is at the centre of the first pixel, not at its corner. `opencv_convention`
// turns that into ours. (MediaPipe's GPU converters, like this program, put corners on corners.)
//
// The picture to sample is MediaPipe's own 8-bit RGB form of the JPEG file: an encoder's overshoots
// are clamped in it before they are interpolated, while a sampler of YUV clamps afterwards.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "preprocess/picture_file.hpp"
#include "preprocess/sampler.hpp"

namespace retinue {
namespace {

/// A region in MediaPipe's terms: fractions of the picture, and an angle that is clockwise as seen.
struct GoldenCase {
  const char* file;
  const char* input;
  Size size;
  double center_x;
  double center_y;
  double width;
  double height;
  double angle_deg;
  bool keeps_aspect;
  Border border;
};

std::ostream& operator<<(std::ostream& out, const GoldenCase& c) {
  return out << c.file;
}

RotatedBox<UprightPx> region(const GoldenCase& c, Size picture) {
  double width = c.width * picture.width;
  double height = c.height * picture.height;
  if (c.keeps_aspect) {
    const double aspect = static_cast<double>(c.size.width) / c.size.height;
    width = std::max(width, height * aspect);
    height = std::max(height, width / aspect);
  }
  return {{static_cast<float>(c.center_x * picture.width),
           static_cast<float>(c.center_y * picture.height)},
          static_cast<float>(width),
          static_cast<float>(height),
          static_cast<float>(c.angle_deg * std::numbers::pi / 180)};
}

Affine<UprightPx, TensorPx> opencv_convention(Affine<UprightPx, TensorPx> map) {
  map.x0 += 0.5 - (map.xx + map.xy) / 2;
  map.y0 += 0.5 - (map.yx + map.yy) / 2;
  return map;
}

/// What the sampler gives for each byte of a tensor, when places are not known exactly.
class Bounds {
 public:
  explicit Bounds(Size size)
      : size_(size),
        low_(3 * static_cast<std::size_t>(size.width * size.height), 255),
        high_(low_.size(), 0) {}

  void include(const TensorView& pixels) {
    const auto* bytes = static_cast<const std::uint8_t*>(pixels.data);
    for (std::size_t i = 0; i < low_.size(); ++i) {
      low_[i] = std::min(low_[i], bytes[i]);
      high_[i] = std::max(high_[i], bytes[i]);
    }
  }

  /// How far the picture leaves the bounds at most, in levels.
  int worst_excess(const HostPicture& picture) const {
    int worst = 0;
    std::size_t i = 0;
    for (int y = 0; y < size_.height; ++y) {
      const std::byte* row = picture.planes[0].data + y * picture.planes[0].stride_bytes;
      for (int x = 0; x < 3 * size_.width; ++x, ++i) {
        const int level = std::to_integer<int>(row[x]);
        worst = std::max({worst, low_[i] - level, level - high_[i]});
      }
    }
    return worst;
  }

 private:
  Size size_;
  std::vector<std::uint8_t> low_;
  std::vector<std::uint8_t> high_;
};

constexpr double kPlaceRounding = 1.0 / 64;

class MediaPipeGolden : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(MediaPipeGolden, IsReproduced) {
  const char* mirror = std::getenv("RETINUE_MIRROR");
  if (mirror == nullptr) GTEST_SKIP() << "RETINUE_MIRROR is not set: no golden pictures";
  const GoldenCase& c = GetParam();
  const std::string folder = std::string(mirror) + "/media/golden/mediapipe_preproc/";
  const auto input = read_picture_file(folder + c.input);
  const auto golden = read_picture_file(folder + c.file);
  ASSERT_TRUE(input) << folder << c.input;
  ASSERT_TRUE(golden) << folder << c.file;

  const auto sampler = create_sampler({}).value();
  const SampleSpec spec{
      .layout = TensorLayout::nhwc, .type = ElementType::uint8, .border = c.border};
  Tensor out(ElementType::uint8, {1, c.size.height, c.size.width, 3});
  const auto map =
      opencv_convention(region_from_tensor(region(c, input->geometry().stored), c.size));
  Bounds bounds(c.size);
  for (const double x : {-kPlaceRounding, 0.0, kPlaceRounding}) {
    for (const double y : {-kPlaceRounding, 0.0, kPlaceRounding}) {
      const Affine<UprightPx, UprightPx> moved{.x0 = x, .y0 = y};
      ASSERT_TRUE(sampler->sample(*input, moved * map, spec, out.view()));
      bounds.include(out.view());
    }
  }

  const HostPicture expected = golden->host_picture().value();
  ASSERT_EQ(expected.format, PixelFormat::rgb24);
  ASSERT_EQ(expected.size, c.size);
  EXPECT_LE(bounds.worst_excess(expected), 3);
}

constexpr const char* kPicture = "noop_except_range.png";
constexpr Size kMedium{256, 256};
constexpr Size kLarge{128, 128};

using enum Border;

INSTANTIATE_TEST_SUITE_P(
    Region, MediaPipeGolden,
    ::testing::Values(GoldenCase{"medium_sub_rect_keep_aspect.png", kPicture, kMedium, 0.65, 0.4,
                                 0.5, 0.5, 0, true, replicate},
                      GoldenCase{"medium_sub_rect_keep_aspect_with_rotation.png", kPicture, kMedium,
                                 0.65, 0.4, 0.5, 0.5, 90, true, replicate},
                      GoldenCase{"medium_sub_rect_with_rotation.png", kPicture, kMedium, 0.65, 0.4,
                                 0.5, 0.5, -45, false, replicate},
                      GoldenCase{"medium_sub_rect_with_rotation_border_zero.png", kPicture, kMedium,
                                 0.65, 0.4, 0.5, 0.5, -45, false, constant},
                      GoldenCase{"large_sub_rect.png", kPicture, kLarge, 0.5, 0.5, 1.5, 1.1, 0,
                                 false, replicate},
                      GoldenCase{"large_sub_rect_border_zero.png", kPicture, kLarge, 0.5, 0.5, 1.5,
                                 1.1, 0, false, constant},
                      GoldenCase{"large_sub_rect_keep_aspect.png", kPicture, kLarge, 0.5, 0.5, 1.5,
                                 1.1, 0, true, replicate},
                      GoldenCase{"large_sub_rect_keep_aspect_with_rotation.png", kPicture, kLarge,
                                 0.5, 0.5, 1.5, 1.1, -15, true, replicate},
                      GoldenCase{"noop_except_range.png",
                                 "image_to_tensor_input.jpg",
                                 {64, 128},
                                 0.5,
                                 0.5,
                                 1,
                                 1,
                                 0,
                                 true,
                                 replicate}),
    [](const auto& test) {
      const std::string file = test.param.file;
      return file.substr(0, file.find('.'));
    });

}  // namespace
}  // namespace retinue
