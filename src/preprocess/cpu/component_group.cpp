#include "preprocess/cpu/component_group.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

namespace {

/// Distance from the centre of the first pixel to that of the first sample, in stored pixels.
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

double window(double scale) {
  constexpr double kLeastWorthAPass = 1.05;
  const double side = scale < 2 ? 1 + std::pow(std::max(scale - 1, 0.0), 2) : scale;
  return side < kLeastWorthAPass ? 1 : side;
}

bool share_a_grid(const Component& a, const HostPicture& picture, const Component& b) {
  const bool same_samples =
      a.log2_x == b.log2_x && a.log2_y == b.log2_y && a.step_bytes == b.step_bytes;
  const bool interleaved =
      a.step_bytes > static_cast<int>(layout_of(picture.format).bytes_per_sample());
  const bool same_plane = a.plane == b.plane;
  const bool same_stride =
      picture.planes[a.plane].stride_bytes == picture.planes[b.plane].stride_bytes;
  return same_samples && (interleaved ? same_plane : same_stride);
}

/// Keeps interleaved components in the order of their bytes.
void add(ComponentGroup& group, std::size_t index, const Component& component, const Plane& plane) {
  auto at = static_cast<std::size_t>(group.count++);
  for (; at > 0 && group.interleaved() && group.offset_bytes[at - 1] > component.offset_bytes;
       --at) {
    group.component[at] = group.component[at - 1];
    group.plane[at] = group.plane[at - 1];
    group.offset_bytes[at] = group.offset_bytes[at - 1];
  }
  group.component[at] = index;
  group.plane[at] = plane.data;
  group.offset_bytes[at] = component.offset_bytes;
}

}  // namespace

ComponentGroups component_groups(const HostPicture& picture,
                                 const Affine<StoredPx, TensorPx>& stored_from_tensor) {
  const PixelFormatLayout& layout = layout_of(picture.format);
  ComponentGroups result;
  for (std::size_t i = 0; i < layout.component_count(); ++i) {
    const Component& component = layout.components[i];
    const Plane& plane = picture.planes[component.plane];
    if (i == 0 || !share_a_grid(layout.components[i - 1], picture, component)) {
      result.groups[result.count++] = {
          .stride_bytes = plane.stride_bytes,
          .step_bytes = component.step_bytes,
          .bytes_per_sample = static_cast<int>(layout.bytes_per_sample()),
          .depth_bits = layout.depth_bits,
          .unit = 1 << component.shift_bits,
          .significant_bits = ((1U << layout.depth_bits) - 1) << component.shift_bits,
          .size = {subsampled(picture.size.width, component.log2_x),
                   subsampled(picture.size.height, component.log2_y)},
          .from_tensor =
              component_from_stored(component, picture.color.chroma) * stored_from_tensor};
    }
    add(result.groups[result.count - 1], i, component, plane);
  }
  return result;
}

template <typename Space>
Footprint footprint(const Affine<Space, TensorPx>& from_tensor, bool low_pass) {
  if (!low_pass) return {};
  return {window(std::hypot(from_tensor.xx, from_tensor.xy)),
          window(std::hypot(from_tensor.yx, from_tensor.yy))};
}
template Footprint footprint(const Affine<ComponentPx, TensorPx>&, bool);
template Footprint footprint(const Affine<StoredPx, TensorPx>&, bool);

template <typename Space>
AxisAlignment axis_alignment(const Affine<Space, TensorPx>& from_tensor) {
  if (from_tensor.xy == 0 && from_tensor.yx == 0) return AxisAlignment::rows_are_rows;
  if (from_tensor.xx == 0 && from_tensor.yy == 0) return AxisAlignment::rows_are_columns;
  return AxisAlignment::turned;
}
template AxisAlignment axis_alignment(const Affine<ComponentPx, TensorPx>&);
template AxisAlignment axis_alignment(const Affine<StoredPx, TensorPx>&);

CoarseGrid coarse_grid(const Footprint& footprint) {
  constexpr double kLargest = 1 << 20;
  return {static_cast<int>(std::min(footprint.width, kLargest)),
          static_cast<int>(std::min(footprint.height, kLargest))};
}

}  // namespace retinue
