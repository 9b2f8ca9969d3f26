#include "preprocess/test_picture.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace retinue {

namespace {

struct Weights {
  double red;
  double blue;
};

Weights weights_of(ColorMatrix matrix) {
  switch (matrix) {
    case ColorMatrix::bt601:
      return {0.299, 0.114};
    case ColorMatrix::bt709:
      return {0.2126, 0.0722};
    case ColorMatrix::bt2020:
      return {0.2627, 0.0593};
  }
  __builtin_unreachable();
}

/// The code of one component for a colour, before rounding.
double code_of(const PixelFormatLayout& layout, const Color& color, std::size_t component,
               const std::array<double, 3>& rgb) {
  const double unit = std::exp2(layout.depth_bits - 8);
  const double full_scale = std::exp2(layout.depth_bits) - 1;
  if (layout.model == ColorModel::rgb) return rgb.at(component) / 255 * full_scale;
  const auto [red, blue] = weights_of(color.matrix);
  const double luma = (red * rgb[0] + (1 - red - blue) * rgb[1] + blue * rgb[2]) / 255;
  const bool limited = color.range == ColorRange::limited;
  if (component == 0) return limited ? 16 * unit + luma * 219 * unit : luma * full_scale;
  const double difference = component == 1 ? (rgb[2] / 255 - luma) / (2 * (1 - blue))
                                           : (rgb[0] / 255 - luma) / (2 * (1 - red));
  return 128 * unit + difference * (limited ? 224 * unit : full_scale);
}

}  // namespace

TestPicture::TestPicture(const Settings& settings) : settings_(settings) {
  const PixelFormatLayout& layout = layout_of(settings.format);
  std::array<int, 3> row_bytes{};
  std::array<int, 3> rows{};
  for (std::size_t i = 0; i < layout.component_count(); ++i) {
    const Component& component = layout.components.at(i);
    const Size size = size_of(i);
    row_bytes.at(component.plane) = size.width * component.step_bytes;
    rows.at(component.plane) = size.height;
  }
  for (std::size_t plane = 0; plane < layout.plane_count; ++plane) {
    const std::ptrdiff_t stride = row_bytes.at(plane) + settings.padding_bytes;
    const std::ptrdiff_t last_row = (rows.at(plane) - 1) * stride;
    const auto size_bytes = static_cast<std::size_t>(last_row + row_bytes.at(plane));
    bytes_.at(plane) = std::vector<std::byte>(size_bytes);
    const bool bottom_up = settings.rows == RowOrder::bottom_up;
    top_row_.at(plane) = bytes_.at(plane).data() + (bottom_up ? last_row : 0);
    strides_.at(plane) = bottom_up ? -stride : stride;
  }
}

TestPicture& TestPicture::fill_with_noise(std::uint32_t seed) {
  std::mt19937 random(seed);
  const PixelFormatLayout& layout = layout_of(settings_.format);
  for (std::size_t i = 0; i < layout.component_count(); ++i) {
    const Size size = size_of(i);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x)
        set_code(i, x, y, static_cast<int>(random() >> (32 - layout.depth_bits)));
    }
  }
  return *this;
}

TestPicture& TestPicture::fill(const std::array<int, 3>& codes) {
  for (std::size_t i = 0; i < layout_of(settings_.format).component_count(); ++i) {
    const Size size = size_of(i);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x)
        set_code(i, x, y, codes.at(i));
    }
  }
  return *this;
}

TestPicture& TestPicture::render(const Scene& scene) {
  const PixelFormatLayout& layout = layout_of(settings_.format);
  const ChromaLocation location = settings_.color.chroma;
  const double largest = std::exp2(layout.depth_bits) - 1;
  for (std::size_t i = 0; i < layout.component_count(); ++i) {
    const Component& component = layout.components.at(i);
    const double pitch_x = 1 << component.log2_x;
    const double pitch_y = 1 << component.log2_y;
    const double first_x = location == ChromaLocation::center ? pitch_x / 2 : 0.5;
    const double first_y = location == ChromaLocation::top_left ? 0.5 : pitch_y / 2;
    const Size size = size_of(i);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        const auto rgb = scene(first_x + x * pitch_x, first_y + y * pitch_y);
        const double code = code_of(layout, settings_.color, i, rgb);
        set_code(i, x, y, static_cast<int>(std::lround(std::clamp(code, 0.0, largest))));
      }
    }
  }
  return *this;
}

Size TestPicture::size_of(std::size_t component) const {
  const Component& layout = layout_of(settings_.format).components.at(component);
  return {subsampled(settings_.size.width, layout.log2_x),
          subsampled(settings_.size.height, layout.log2_y)};
}

std::byte* TestPicture::at(std::size_t component, int x, int y) const {
  const Component& layout = layout_of(settings_.format).components.at(component);
  return top_row_.at(layout.plane) + y * strides_.at(layout.plane) + layout.offset_bytes +
         std::ptrdiff_t{x} * layout.step_bytes;
}

int TestPicture::code(std::size_t component, int x, int y) const {
  const PixelFormatLayout& layout = layout_of(settings_.format);
  const std::byte* sample = at(component, x, y);
  const int low = std::to_integer<int>(sample[0]);
  if (layout.bytes_per_sample() == 1) return low;
  return (std::to_integer<int>(sample[1]) << 8 | low) >> layout.components.at(component).shift_bits;
}

void TestPicture::set_code(std::size_t component, int x, int y, int code) {
  const PixelFormatLayout& layout = layout_of(settings_.format);
  const int word = code << layout.components.at(component).shift_bits;
  std::byte* sample = at(component, x, y);
  sample[0] = static_cast<std::byte>(word & 0xff);
  if (layout.bytes_per_sample() == 2) sample[1] = static_cast<std::byte>(word >> 8);
}

Frame TestPicture::frame() const {
  Frame::Settings frame{.format = settings_.format, .color = settings_.color};
  frame.geometry = {settings_.size, settings_.orientation, settings_.pixel_aspect};
  for (std::size_t plane = 0; plane < layout_of(settings_.format).plane_count; ++plane)
    frame.planes.at(plane) = {top_row_.at(plane), strides_.at(plane)};
  return Frame(frame);
}

}  // namespace retinue
