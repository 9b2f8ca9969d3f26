#include "frame/orientation.hpp"

#include <cstdlib>

namespace retinue {

namespace {

bool swaps_edges(Orientation orientation) {
  return static_cast<int>(orientation) >= static_cast<int>(Orientation::transposed);
}

}  // namespace

Orientation orientation_of_display_matrix(std::span<const std::int32_t, 9> matrix) {
  // Displayed x = xx·x + xy·y, y = yx·x + yy·y.
  const std::int64_t xx = matrix[0];
  const std::int64_t yx = matrix[1];
  const std::int64_t xy = matrix[3];
  const std::int64_t yy = matrix[4];
  if (std::abs(xx) + std::abs(yy) >= std::abs(xy) + std::abs(yx)) {
    if (xx >= 0) return yy >= 0 ? Orientation::upright : Orientation::flipped;
    return yy >= 0 ? Orientation::mirrored : Orientation::rotated_180;
  }
  if (xy >= 0) {
    return yx >= 0 ? Orientation::transposed : Orientation::rotated_90_counterclockwise;
  }
  return yx >= 0 ? Orientation::rotated_90_clockwise : Orientation::transversed;
}

Size PictureGeometry::frame_size() const {
  return swaps_edges(orientation) ? Size{stored.height, stored.width} : stored;
}

Box<UprightPx> PictureGeometry::upright_bounds() const {
  const Affine<FramePx, UprightPx> frame = frame_from_upright();
  const Size size = frame_size();
  return {0, 0, static_cast<float>(size.width / frame.xx),
          static_cast<float>(size.height / frame.yy)};
}

Affine<StoredPx, FramePx> PictureGeometry::stored_from_frame() const {
  const double w = stored.width;
  const double h = stored.height;
  switch (orientation) {
    case Orientation::upright:
      return {};
    case Orientation::mirrored:
      return {.xx = -1, .x0 = w};
    case Orientation::rotated_180:
      return {.xx = -1, .x0 = w, .yy = -1, .y0 = h};
    case Orientation::flipped:
      return {.yy = -1, .y0 = h};
    case Orientation::transposed:
      return {.xx = 0, .xy = 1, .yx = 1, .yy = 0};
    case Orientation::rotated_90_clockwise:  // Frame (x, y) shows stored (y, h - x).
      return {.xx = 0, .xy = 1, .yx = -1, .yy = 0, .y0 = h};
    case Orientation::transversed:
      return {.xx = 0, .xy = -1, .x0 = w, .yx = -1, .yy = 0, .y0 = h};
    case Orientation::rotated_90_counterclockwise:  // Frame (x, y) shows stored (w - y, x).
      return {.xx = 0, .xy = -1, .x0 = w, .yx = 1, .yy = 0};
  }
  __builtin_unreachable();
}

Affine<FramePx, UprightPx> PictureGeometry::frame_from_upright() const {
  // In the frame, a quarter turn makes the pixel's width its height.
  const double aspect = swaps_edges(orientation) ? 1 / pixel_aspect : pixel_aspect;
  return aspect >= 1 ? Affine<FramePx, UprightPx>{.xx = 1 / aspect}
                     : Affine<FramePx, UprightPx>{.yy = aspect};
}

Affine<StoredPx, UprightPx> PictureGeometry::stored_from_upright() const {
  return stored_from_frame() * frame_from_upright();
}

}  // namespace retinue
