/// Which way the axes of a head point in the picture.
#pragma once

#include "geometry/direction.hpp"
#include "perception/face.hpp"

namespace retinue {

/// Axes of a head in camera axes. For a face that looks into the camera, `right` is the picture's
/// right, `down` the picture's bottom, and `forward` points at the camera.
struct HeadAxes {
  Direction right;
  Direction down;
  Direction forward;  ///< Where the nose points.
};

HeadAxes head_axes(const HeadPose& pose);

}  // namespace retinue
