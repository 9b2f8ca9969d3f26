/// The plain way from a frame's planes to a colour, for tests.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "frame/frame.hpp"

namespace retinue {

/// The sample of component `index` that pixel (x, y) has, without interpolation.
inline int sample_at(const HostPicture& picture, std::size_t index, int x, int y) {
  const PixelFormatLayout& layout = layout_of(picture.format);
  const Component& component = layout.components[index];
  const Plane& plane = picture.planes[component.plane];
  const std::ptrdiff_t row = (y >> component.log2_y) * plane.stride_bytes;
  const std::ptrdiff_t column = std::ptrdiff_t{x >> component.log2_x} * component.step_bytes;
  const std::byte* at = plane.data + row + column + component.offset_bytes;
  if (layout.bytes_per_sample() == 1) return std::to_integer<int>(*at);
  std::uint16_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value >> component.shift_bits;
}

/// R', G', B' in 0..255 of pixel (x, y), by the definitions of ITU-R BT.601, 709 and 2020.
inline std::array<double, 3> rgb_at(const HostPicture& picture, int x, int y) {
  const PixelFormatLayout& layout = layout_of(picture.format);
  const int top = (1 << layout.depth_bits) - 1;
  const double unit = 1 << (layout.depth_bits - 8);
  const bool limited = picture.color.range == ColorRange::limited;
  const auto luma = [&](std::size_t index) {
    const int value = sample_at(picture, index, x, y);
    return limited ? (value / unit - 16) / 219 : static_cast<double>(value) / top;
  };
  const auto chroma = [&](std::size_t index) {
    const double value = sample_at(picture, index, x, y) - 128 * unit;
    return limited ? value / unit / 224 : value / top;
  };
  std::array<double, 3> rgb{};
  if (layout.model == ColorModel::rgb) {
    rgb = {luma(0), luma(1), luma(2)};
  } else if (layout.model == ColorModel::gray) {
    rgb = {luma(0), luma(0), luma(0)};
  } else {
    constexpr std::array<std::array<double, 2>, 3> kRedAndBlueWeights = {
        {{0.299, 0.114}, {0.2126, 0.0722}, {0.2627, 0.0593}}};
    const auto [red, blue] = kRedAndBlueWeights[static_cast<std::size_t>(picture.color.matrix)];
    const double r = luma(0) + 2 * (1 - red) * chroma(2);
    const double b = luma(0) + 2 * (1 - blue) * chroma(1);
    rgb = {r, (luma(0) - red * r - blue * b) / (1 - red - blue), b};
  }
  for (double& value : rgb)
    value = std::clamp(value * 255, 0.0, 255.0);
  return rgb;
}

}  // namespace retinue
