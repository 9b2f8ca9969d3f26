#include "preprocess/cpu/color_conversion.hpp"

#include "preprocess/cpu/hdr_curve.hpp"

namespace retinue {

namespace {

/// Kr and Kb of ITU-R BT.601, 709 and 2020.
struct LumaWeights {
  double red = 0;
  double blue = 0;
  double green() const { return 1 - red - blue; }
};

LumaWeights luma_weights(ColorMatrix matrix) {
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

}  // namespace

ColorConversion color_conversion(const PixelFormatLayout& layout, const Color& color) {
  const bool limited = color.range == ColorRange::limited;
  const int steps_per_8bit_code = 1 << (layout.depth_bits - 8);
  const double largest = (1 << layout.depth_bits) - 1;
  const double full_range = 255 / largest;
  const double luma = limited ? 255.0 / (219 * steps_per_8bit_code) : full_range;
  const double black = limited ? 16 * steps_per_8bit_code : 0;
  const double chroma = limited ? 255.0 / (224 * steps_per_8bit_code) : full_range;
  const double neutral = 128 * steps_per_8bit_code;

  const LumaWeights k = luma_weights(color.matrix);
  const double red_from_v = 2 * (1 - k.red) * chroma;
  const double blue_from_u = 2 * (1 - k.blue) * chroma;
  const double green_from_u = -blue_from_u * k.blue / k.green();
  const double green_from_v = -red_from_v * k.red / k.green();

  using Rows = std::array<std::array<double, 3>, 3>;
  Rows rows{};
  switch (layout.model) {
    case ColorModel::gray:
      rows = {{{luma, 0, 0}, {luma, 0, 0}, {luma, 0, 0}}};
      break;
    case ColorModel::yuv:
      rows = {{{luma, 0, red_from_v}, {luma, green_from_u, green_from_v}, {luma, blue_from_u, 0}}};
      break;
    case ColorModel::rgb:
      rows = {{{full_range, 0, 0}, {0, full_range, 0}, {0, 0, full_range}}};
      break;
  }

  ColorConversion conversion;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      conversion.matrix[i][c] = static_cast<float>(rows[i][c]);
    if (layout.model == ColorModel::rgb) continue;
    conversion.offset[i] =
        static_cast<float>(-rows[i][0] * black - (rows[i][1] + rows[i][2]) * neutral);
  }
  return conversion;
}

std::vector<float> sdr_curve(TransferFunction transfer) {
  std::vector<float> curve(kCurvePoints);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double component = static_cast<double>(i) / (kCurvePoints - 1);
    curve[i] = static_cast<float>(255 * sdr_from(transfer, component));
  }
  return curve;
}

}  // namespace retinue
