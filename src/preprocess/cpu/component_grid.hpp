/// One colour component of a picture as a grid of samples, and how finely a tensor looks at it.
#pragma once

#include <cstddef>

#include "frame/frame.hpp"
#include "geometry/affine.hpp"
#include "geometry/box.hpp"

namespace retinue {

/// Samples of one component: its own grid, with sample centres at +0.5 like pixels.
struct ComponentPx;

/// A borrow of one component's samples.
struct ComponentGrid {
  const std::byte* first = nullptr;  ///< Lowest-index sample of the top row.
  std::ptrdiff_t stride_bytes = 0;
  int step_bytes = 1;
  int bytes_per_sample = 1;
  int shift_bits = 0;
  Size size;  ///< In samples.
  /// Where a tensor's pixel lies among the samples.
  Affine<ComponentPx, TensorPx> from_tensor;
};

ComponentGrid component_grid(const HostPicture& picture, const Component& component,
                             const Affine<StoredPx, TensorPx>& stored_from_tensor);

/// The part of a grid that one tensor pixel stands for.
///
/// Everything is resampled by one rule: a value is the mean of the picture, whose samples are
/// squares of side 1, over a window of `width` x `height` samples around its place. A window of
/// side 1 makes that bilinear interpolation; where the tensor shrinks the picture, the window is as
/// wide as a tensor pixel, which makes it an area filter: nothing aliases, and both meet without a
/// seam.
struct Footprint {
  double width = 1;  ///< In samples; at least 1.
  double height = 1;

  bool shrinks() const { return width > 1 || height > 1; }
};

Footprint footprint(const Affine<ComponentPx, TensorPx>& from_tensor);

/// The rows of the tensor run along the rows or along the columns of the grid, so that windows are
/// taken at the tensor's own pixels. Where the tensor is turned by another angle and shrinks the
/// picture, means are taken on the `CoarseGrid` and interpolated bilinearly there.
bool keeps_axes(const Affine<ComponentPx, TensorPx>& from_tensor);

/// Points (k + 1/2) * stride of each axis, k any integer.
struct CoarseGrid {
  int stride_x = 1;
  int stride_y = 1;
};

CoarseGrid coarse_grid(const Footprint& footprint);

}  // namespace retinue
