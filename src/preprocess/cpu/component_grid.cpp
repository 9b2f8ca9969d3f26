#include "preprocess/cpu/component_grid.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

namespace {

/// Stored pixels before the centre of the first sample, less those before the first pixel's centre.
double first_sample_offset(int log2, bool on_first_pixel) {
  return on_first_pixel ? 0 : ((1 << log2) - 1) / 2.0;
}

Affine<ComponentPx, StoredPx> component_from_stored(const Component& component,
                                                    ChromaLocation location) {
  const double pitch_x = 1 << component.log2_x;
  const double pitch_y = 1 << component.log2_y;
  const double offset_x = first_sample_offset(component.log2_x, location != ChromaLocation::center);
  const double offset_y =
      first_sample_offset(component.log2_y, location == ChromaLocation::top_left);
  return {.xx = 1 / pitch_x,
          .x0 = 0.5 - (0.5 + offset_x) / pitch_x,
          .yy = 1 / pitch_y,
          .y0 = 0.5 - (0.5 + offset_y) / pitch_y};
}

/// Rounding in the composition of maps must not turn "same size" into "shrinks a little".
double window(double scale) {
  constexpr double kSameSize = 1.001;
  return scale < kSameSize ? 1 : scale;
}

}  // namespace

ComponentGrid component_grid(const HostPicture& picture, const Component& component,
                             const Affine<StoredPx, TensorPx>& stored_from_tensor) {
  const PixelFormatLayout& layout = layout_of(picture.format);
  const Plane& plane = picture.planes[component.plane];
  return {
      .first = plane.data + component.offset_bytes,
      .stride_bytes = plane.stride_bytes,
      .step_bytes = component.step_bytes,
      .bytes_per_sample = static_cast<int>(layout.bytes_per_sample()),
      .shift_bits = component.shift_bits,
      .size = {subsampled(picture.size.width, component.log2_x),
               subsampled(picture.size.height, component.log2_y)},
      .from_tensor = component_from_stored(component, picture.color.chroma) * stored_from_tensor};
}

Footprint footprint(const Affine<ComponentPx, TensorPx>& from_tensor) {
  return {window(std::hypot(from_tensor.xx, from_tensor.xy)),
          window(std::hypot(from_tensor.yx, from_tensor.yy))};
}

bool keeps_axes(const Affine<ComponentPx, TensorPx>& from_tensor) {
  return (from_tensor.xy == 0 && from_tensor.yx == 0) ||
         (from_tensor.xx == 0 && from_tensor.yy == 0);
}

CoarseGrid coarse_grid(const Footprint& footprint) {
  constexpr double kLargest = 1 << 20;
  return {static_cast<int>(std::min(footprint.width, kLargest)),
          static_cast<int>(std::min(footprint.height, kLargest))};
}

}  // namespace retinue
