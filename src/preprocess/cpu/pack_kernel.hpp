/// The last step of the sampler, in vectors: codes become colours, colours become the tensor.
#pragma once

#include <array>
#include <cstddef>

#include "preprocess/cpu/color_conversion.hpp"
#include "preprocess/sampler.hpp"

namespace retinue {

/// What happens to every pixel of a tensor. Arrays are in the order of the tensor's channels.
struct PixelFinish {
  ColorConversion conversion;
  const float* curve = nullptr;  ///< `sdr_curve`, or null for none.
  /// value = color * scale + shift
  std::array<float, 3> scale{1, 1, 1};
  std::array<float, 3> shift{};
  float border_value = 0;  ///< A colour.
  TensorLayout layout = TensorLayout::nchw;
  bool four_bytes = false;  ///< A fourth channel of 255 follows: uint8, nhwc.
  bool summed = false;      ///< The tensor has one channel, the sum of the three values.
  ElementType type = ElementType::float32;
  void* out = nullptr;
  std::size_t width = 0;
  std::size_t height = 0;
};

/// The codes of a row's pixels, readable up to one vector beyond the row.
struct PixelRow {
  std::array<const float*, 3> codes{};
  /// Share of the picture in each pixel, the rest is border; null: all picture.
  const float* inside = nullptr;
};

/// Writes row `y` of the tensor.
void pack_row(const PixelFinish& finish, const PixelRow& row, std::size_t y);

/// Fills row `y` of the tensor with the border.
void pack_border_row(const PixelFinish& finish, std::size_t y);

/// inside[i] = share, for pixel i, of the window of `width` around first + i * step in [0, extent],
/// times what was there. Writes up to one vector beyond `count`.
struct ShareLine {
  double first = 0;
  double step = 1;
  double width = 1;
  int extent = 1;
};
void multiply_share_inside(const ShareLine& line, std::size_t count, float* inside);

}  // namespace retinue
