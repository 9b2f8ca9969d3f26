/// The components of a picture as grids of samples, and how finely a tensor looks at them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "frame/frame.hpp"
#include "geometry/affine.hpp"
#include "geometry/box.hpp"

namespace retinue {

/// Samples of one component: its own grid, with sample centres at +0.5 like pixels.
struct ComponentPx;

/// Components that share a grid and are read together: U and V; or R, G and B. A borrow of their
/// samples, either interleaved in one plane, in the order of their bytes, or each in a plane of its
/// own.
struct ComponentGroup {
  int count = 0;
  std::array<std::size_t, 3> component{};  ///< Which of Y, U, V or R, G, B each is.
  /// Start of the top row of the plane that each is in.
  std::array<const std::byte*, 3> plane{};
  std::array<int, 3> offset_bytes{};  ///< Of each, within one step.
  std::ptrdiff_t stride_bytes = 0;
  int step_bytes = 1;
  int bytes_per_sample = 1;
  int depth_bits = 8;  ///< Of a code.
  int unit = 1;        ///< What codes are multiplied by in memory.
  std::uint32_t significant_bits = 0xff;
  /// Each sample is followed by the one below it, which belongs to the same step. Not so in
  /// pictures: `GroupSampler` arranges one component like that.
  bool rows_in_pairs = false;
  Size size;  ///< In samples.
  /// Where a tensor's pixel lies among the samples.
  Affine<ComponentPx, TensorPx> from_tensor;

  bool interleaved() const { return step_bytes > bytes_per_sample && !rows_in_pairs; }
  int row_bytes() const { return size.width * step_bytes; }
};

struct ComponentGroups {
  std::array<ComponentGroup, 3> groups;
  std::size_t count = 0;

  std::span<const ComponentGroup> used() const { return {groups.data(), count}; }
};

ComponentGroups component_groups(const HostPicture& picture,
                                 const Affine<StoredPx, TensorPx>& stored_from_tensor);

/// The part of a grid that one tensor pixel stands for.
///
/// Everything is resampled by one rule: a value is the mean of the picture, whose samples are
/// squares of side 1, over a window of `width` x `height` samples around its place. A window of
/// side 1 makes that bilinear interpolation. Where a tensor pixel is s > 1 samples wide, the window
/// is
///   s             from s = 2 on: an area filter, nothing aliases;
///   1 + (s - 1)²  below: regions of about the tensor's size stay as sharp as plain bilinear
///                 interpolation makes them, which is what models were trained and published with.
/// A window of less than 1.05 (s < 1.22) would change next to nothing and is taken as 1.
struct Footprint {
  double width = 1;  ///< In samples; at least 1.
  double height = 1;

  bool shrinks() const { return width > 1 || height > 1; }
};

/// Without `low_pass` (SampleSpec) always of side 1.
template <typename Space>
Footprint footprint(const Affine<Space, TensorPx>& from_tensor, bool low_pass);

/// How the axes of the tensor run in the picture. Along the axes of the picture, windows are taken
/// at the tensor's own pixels. At other angles, where the tensor shrinks the picture, they are
/// taken on the `CoarseGrid` and interpolated bilinearly there.
enum class AxisAlignment { rows_are_rows, rows_are_columns, turned };

template <typename Space>
AxisAlignment axis_alignment(const Affine<Space, TensorPx>& from_tensor);

/// The points (k + 1/2) * stride of each axis, k any integer.
struct CoarseGrid {
  int stride_x = 1;
  int stride_y = 1;
};

CoarseGrid coarse_grid(const Footprint& footprint);

}  // namespace retinue
