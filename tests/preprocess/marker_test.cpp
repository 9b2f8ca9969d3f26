// A marker that is drawn at a known place of a picture is found at that place: the centroid of what
// the tensor shows, mapped back, is right to 0.1 pixels, whatever the format, orientation, pixel
// aspect, region, turn and padding.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "preprocess/sampler.hpp"
#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

constexpr double kBackground = 60;
constexpr std::array<double, 3> kMarker{150, 40, 110};  // Colour on top of the background.

class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(random_()) / 4294967296.0;
  }
  std::size_t index(std::size_t count) { return random_() % count; }
  int below(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

 private:
  std::mt19937 random_;
};

struct Trial {
  TestPicture::Settings picture;
  Size tensor;
  Affine<UprightPx, TensorPx> map;
  Point<TensorPx> marker;
  double sigma_stored_px = 0;
};

PictureGeometry geometry_of(const TestPicture::Settings& picture) {
  return {picture.size, picture.orientation, picture.pixel_aspect};
}

Affine<StoredPx, TensorPx> stored_from_tensor(const Trial& trial) {
  return geometry_of(trial.picture).stored_from_upright() * trial.map;
}

/// Letterbox of the whole picture, with the bars wherever the aspect puts them.
RotatedBox<UprightPx> whole_picture(const Box<UprightPx>& picture, Size tensor) {
  const float scale = std::max(picture.width / static_cast<float>(tensor.width),
                               picture.height / static_cast<float>(tensor.height));
  return {picture.center(), scale * static_cast<float>(tensor.width),
          scale * static_cast<float>(tensor.height)};
}

RotatedBox<UprightPx> turned_region(Chance& chance, const Box<UprightPx>& picture) {
  const double side = chance.between(40, 240);
  return {{static_cast<float>(chance.between(0.2, 0.8)) * picture.width,
           static_cast<float>(chance.between(0.2, 0.8)) * picture.height},
          static_cast<float>(side),
          static_cast<float>(side * chance.between(0.7, 1.4)),
          static_cast<float>(chance.between(-std::numbers::pi, std::numbers::pi))};
}

bool marker_is_in_the_picture(const Trial& trial) {
  const Point<StoredPx> at = stored_from_tensor(trial) * trial.marker;
  const double margin = 4.5 * trial.sigma_stored_px;
  const auto is_inside = [margin](double place, int extent) {
    return place > margin && place < extent - margin;
  };
  return is_inside(static_cast<double>(at.x), trial.picture.size.width) &&
         is_inside(static_cast<double>(at.y), trial.picture.size.height);
}

/// Places the marker at random where both the tensor and the picture show all of it.
bool place_marker(Chance& chance, Trial& trial) {
  const Affine<StoredPx, TensorPx> map = stored_from_tensor(trial);
  const double stretch =
      std::max(std::hypot(map.xx, map.yx), std::hypot(map.xy, map.yy));  // Stored per tensor pixel.
  const double squeeze = std::abs(map.determinant()) / stretch;
  const PixelFormatLayout& layout = layout_of(trial.picture.format);
  const int chroma_pitch = 1 << std::max(layout.components[1].log2_x, layout.components[1].log2_y);
  trial.sigma_stored_px = std::max({2.5, 1.3 * stretch, 1.2 * chroma_pitch});
  const double sigma_tensor_px = trial.sigma_stored_px / squeeze;
  const double margin = 5 * sigma_tensor_px;
  for (int attempt = 0; attempt < 20; ++attempt) {
    trial.marker = {static_cast<float>(chance.between(margin, trial.tensor.width - margin)),
                    static_cast<float>(chance.between(margin, trial.tensor.height - margin))};
    const bool in_tensor = 2 * margin < std::min(trial.tensor.width, trial.tensor.height);
    if (in_tensor && marker_is_in_the_picture(trial)) return true;
  }
  return false;
}

Trial random_trial(Chance& chance, PixelFormat format) {
  constexpr auto kSizes = std::to_array<Size>({{321, 180}, {240, 239}, {200, 301}});
  constexpr auto kTensors = std::to_array<Size>({{128, 128}, {160, 96}, {96, 131}});
  while (true) {
    Trial trial;
    trial.picture = {.format = format,
                     .size = kSizes.at(chance.index(3)),
                     .color = {.matrix = static_cast<ColorMatrix>(chance.below(3)),
                               .range = static_cast<ColorRange>(chance.below(2)),
                               .chroma = static_cast<ChromaLocation>(chance.below(3))},
                     .orientation = static_cast<Orientation>(1 + chance.below(8))};
    if (chance.below(2) == 0) trial.picture.pixel_aspect = chance.between(0.6, 1.7);
    trial.tensor = kTensors.at(chance.index(3));
    const Box<UprightPx> bounds = geometry_of(trial.picture).upright_bounds();
    const auto roi =
        chance.below(3) == 0 ? whole_picture(bounds, trial.tensor) : turned_region(chance, bounds);
    trial.map = region_from_tensor(roi, trial.tensor);
    if (place_marker(chance, trial)) return trial;
  }
}

TestPicture draw(const Trial& trial) {
  const Point<StoredPx> marker = stored_from_tensor(trial) * trial.marker;
  TestPicture picture(trial.picture);
  picture.render([&](double x, double y) {
    const double distance =
        std::hypot(x - static_cast<double>(marker.x), y - static_cast<double>(marker.y)) /
        trial.sigma_stored_px;
    const double ink = distance < 6 ? std::exp(-distance * distance / 2) : 0;
    std::array<double, 3> color{};
    for (std::size_t i = 0; i < 3; ++i)
      color.at(i) = kBackground + ink * kMarker.at(i);
    return color;
  });
  return picture;
}

/// Of what stands out from the background in one channel.
Point<TensorPx> centroid(const Tensor& tensor, int channel) {
  const auto values = tensor.floats();
  const std::int64_t height = tensor.shape()[2];
  const std::int64_t width = tensor.shape()[3];
  double sum = 0;
  double sum_x = 0;
  double sum_y = 0;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const auto value = values[static_cast<std::size_t>((channel * height + y) * width + x)];
      const double ink = std::max(0.0, static_cast<double>(value) - kBackground - 4);
      sum += ink;
      sum_x += ink * (static_cast<double>(x) + 0.5);
      sum_y += ink * (static_cast<double>(y) + 0.5);
    }
  }
  return {static_cast<float>(sum_x / sum), static_cast<float>(sum_y / sum)};
}

class RenderedMarker : public ::testing::TestWithParam<PixelFormat> {};

TEST_P(RenderedMarker, IsFoundWhereItWasDrawn) {
  Chance chance(7);
  const auto sampler = create_sampler({}).value();
  for (int round = 0; round < 15; ++round) {
    const Trial trial = random_trial(chance, GetParam());
    const TestPicture picture = draw(trial);
    Tensor tensor(ElementType::float32, {1, 3, trial.tensor.height, trial.tensor.width});
    const SampleSpec spec{.border = static_cast<Border>(chance.below(2)),
                          .border_value = static_cast<float>(kBackground)};
    ASSERT_TRUE(sampler->sample(picture.frame(), trial.map, spec, tensor.view()));

    const Point<UprightPx> drawn = trial.map * trial.marker;
    for (const int channel : {0, 2}) {
      const Point<UprightPx> found = trial.map * centroid(tensor, channel);
      EXPECT_LT(distance(found, drawn), 0.1)
          << "round " << round << ", channel " << channel << ": drawn at " << drawn.x << ", "
          << drawn.y << ", found at " << found.x << ", " << found.y << ", orientation "
          << static_cast<int>(trial.picture.orientation);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, RenderedMarker,
                         ::testing::Values(PixelFormat::yuv420p, PixelFormat::yuv422p,
                                           PixelFormat::yuv440p, PixelFormat::yuv411p,
                                           PixelFormat::nv12, PixelFormat::nv21,
                                           PixelFormat::yuv420p10, PixelFormat::p010,
                                           PixelFormat::gray8, PixelFormat::rgb24,
                                           PixelFormat::bgra, PixelFormat::gbrp),
                         [](const auto& test) { return std::string(layout_of(test.param).name); });

}  // namespace
}  // namespace retinue
