#include "task/detector_input.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

DetectorInput detector_input(const Box<UprightPx>& picture, int detect_size, Size fixed) {
  constexpr int kStride = 32;  // No detector here with an open input has a coarser map.
  const auto width = static_cast<double>(picture.width);
  const auto height = static_cast<double>(picture.height);
  if (fixed.width > 0) return {fixed, std::min(fixed.width / width, fixed.height / height)};
  const double scale = detect_size / std::max(width, height);
  // The epsilon keeps 320.0000001 from becoming 352.
  const auto padded = [scale](double pixels) {
    return std::max(1, static_cast<int>(std::ceil(pixels * scale / kStride - 1e-6))) * kStride;
  };
  return {{padded(width), padded(height)}, scale};
}

PicturePlacement place_picture(const Box<UprightPx>& picture, PictureFit fit, int detect_size,
                               Size fixed) {
  const auto width = static_cast<double>(picture.width);
  const auto height = static_cast<double>(picture.height);
  const auto [input, scale] = detector_input(picture, detect_size, fixed);
  if (fit == PictureFit::stretched) {
    return {input, {.xx = width / input.width, .yy = height / input.height}};
  }
  Affine<UprightPx, TensorPx> map{.xx = 1 / scale, .yy = 1 / scale};
  if (fit == PictureFit::centered) {
    map.x0 = (width - input.width / scale) / 2;
    map.y0 = (height - input.height / scale) / 2;
  }
  return {input, map};
}

}  // namespace retinue
