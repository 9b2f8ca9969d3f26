#include "task/face_region.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace retinue {

RotatedBox<UprightPx> face_square(const FaceIn<UprightPx>& face, const FaceSquare& square) {
  const auto at = [&face](FaceKeypoint keypoint) {
    return face.keypoints[static_cast<std::size_t>(keypoint)];
  };
  const Point<UprightPx> right_eye = at(FaceKeypoint::right_eye);
  const Point<UprightPx> left_eye = at(FaceKeypoint::left_eye);
  const Point<UprightPx> eyes = (right_eye + left_eye) * 0.5F;
  const Point<UprightPx> mouth =
      (at(FaceKeypoint::right_mouth_corner) + at(FaceKeypoint::left_mouth_corner)) * 0.5F;
  const Point<UprightPx> down = mouth - eyes;
  // The person's right eye is on the picture's left; `down` turned by 90 degrees points the same
  // way.
  const Point<UprightPx> across = (left_eye - right_eye) + Point<UprightPx>{down.y, -down.x};
  const float angle = std::atan2(across.y, across.x);
  const float mean_side = std::sqrt(face.box.area());
  const float side = std::max(square.min_side_px, square.scale * mean_side);
  const Point<UprightPx> to_chin{-std::sin(angle), std::cos(angle)};
  return {.center = face.box.center() + to_chin * (square.shift_to_chin * mean_side),
          .width = side,
          .height = side,
          .angle_rad = angle};
}

RotatedBox<UprightPx> face_region(const FaceIn<UprightPx>& face) {
  return face_square(face, {.scale = 1.4F, .shift_to_chin = 0.05F});
}

RotatedBox<UprightPx> face_region_of_landmarks(const FaceIn<UprightPx>& face) {
  constexpr float kScale = 1.25F;
  constexpr std::size_t kRightEyeOuterCorner = 33;
  constexpr std::size_t kLeftEyeOuterCorner = 263;
  const Point<UprightPx> across =
      face.landmarks[kLeftEyeOuterCorner].xy() - face.landmarks[kRightEyeOuterCorner].xy();
  const float angle = std::atan2(across.y, across.x);
  const float c = std::cos(angle);
  const float s = std::sin(angle);
  // Extent along the eyes' line and at right angles to it.
  float min_along = std::numeric_limits<float>::max();
  float max_along = std::numeric_limits<float>::lowest();
  float min_down = min_along;
  float max_down = max_along;
  for (const Point3<UprightPx>& p : face.landmarks) {
    const float along = c * p.x + s * p.y;
    const float down = c * p.y - s * p.x;
    min_along = std::min(min_along, along);
    max_along = std::max(max_along, along);
    min_down = std::min(min_down, down);
    max_down = std::max(max_down, down);
  }
  const float along = (min_along + max_along) / 2;
  const float down = (min_down + max_down) / 2;
  const float side = kScale * std::max(max_along - min_along, max_down - min_down);
  return {.center = {c * along - s * down, s * along + c * down},
          .width = side,
          .height = side,
          .angle_rad = angle};
}

}  // namespace retinue
