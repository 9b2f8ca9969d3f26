/// What a head or a gaze is relative to the ray from the camera through it.
#pragma once

#include <array>

#include "geometry/camera.hpp"
#include "geometry/direction.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/face.hpp"

namespace retinue {

/// A crop of a picture looks as if the camera had been turned towards it: what a model says of a
/// crop is in *ray axes*, the camera's axes after the smallest rotation that takes the optical axis
/// onto the ray through the crop's middle. Reentrant.
class ViewingRay {
 public:
  /// Through the pixel `point`, which the camera sees; its focal lengths must not be 0.
  ViewingRay(const PinholeCamera<UprightPx>& camera, Point<UprightPx> point);

  /// The same direction, from ray axes to camera axes.
  Direction camera_from_ray(const Direction& in_ray_axes) const;

  /// The same head with its angles in ray axes. The translation stays as it is.
  HeadPose ray_from_camera(const HeadPose& head) const;

  /// And back.
  HeadPose camera_from_ray(const HeadPose& head) const;

 private:
  Direction ray_{};  ///< The ray itself, in camera axes.
};

/// A vector in the head's axes (the canonical face's), in camera axes: turned, not moved.
std::array<double, 3> camera_from_head(const HeadPose& head, const std::array<double, 3>& vector);

/// `direction` after a turn about z by `roll_deg`, clockwise as the camera sees it: from the axes
/// of a crop that was turned upright to those of the picture.
Direction rolled(const Direction& direction, double roll_deg);

}  // namespace retinue
