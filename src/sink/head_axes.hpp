/// Which way the axes of a head point in the picture.
#pragma once

#include <array>

#include "perception/face.hpp"

namespace retinue {

/// A direction of unit length in camera axes: x right, y down, z away from the camera.
using Direction = std::array<double, 3>;

/// Axes of a head in camera axes. For a face that looks into the camera, `right` is the picture's
/// right, `down` the picture's bottom, and `forward` points at the camera.
struct HeadAxes {
  Direction right;
  Direction down;
  Direction forward;  ///< Where the nose points.
};

HeadAxes head_axes(const HeadPose& pose);

}  // namespace retinue
