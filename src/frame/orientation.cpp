#include "frame/orientation.hpp"

namespace retinue {

namespace {

bool swaps_edges(Orientation orientation) {
  return static_cast<int>(orientation) >= static_cast<int>(Orientation::transposed);
}

}  // namespace

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
