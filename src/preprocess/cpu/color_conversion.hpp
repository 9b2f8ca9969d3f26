/// From the codes of a picture to R', G', B' in [0, 255].
#pragma once

#include <array>
#include <span>
#include <vector>

#include "frame/color.hpp"
#include "frame/pixel_format.hpp"

namespace retinue {

/// color[i] = sum over c of matrix[i][c] * code[c] + offset[i], then clamped to [0, 255].
/// Gray pictures use code[0] alone.
struct ColorConversion {
  std::array<std::array<float, 3>, 3> matrix{};
  std::array<float, 3> offset{};
};

ColorConversion color_conversion(const PixelFormatLayout& layout, const Color& color);

/// The HDR curve at kCurvePoints equally spaced points of [0, 255], for linear interpolation.
inline constexpr int kCurvePoints = 2048;
std::vector<float> sdr_curve(TransferFunction transfer);

}  // namespace retinue
