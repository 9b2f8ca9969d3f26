#include "face/eyes.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>

#include <Eigen/Core>
#include <Eigen/Geometry>

#include "face/viewing_ray.hpp"

namespace retinue {

namespace {

/// Indices of the mesh. MediaPipe's face_mesh_connections.py.
struct EyeIndices {
  std::size_t outer_corner = 0;
  std::size_t inner_corner = 0;
  std::size_t iris = 0;
  std::array<std::pair<std::size_t, std::size_t>, 3> lids;  ///< Upper, lower.
};

constexpr EyeIndices kRight{33, 133, 468, {{{160, 144}, {159, 145}, {158, 153}}}};
constexpr EyeIndices kLeft{263, 362, 473, {{{387, 373}, {386, 374}, {385, 380}}}};

const EyeIndices& indices_of(Eye eye) {
  return eye == Eye::right ? kRight : kLeft;
}

// In the millimetres of the canonical head, which is larger than most: its irises are 13.6 mm wide,
// those of people 11.7. The middle of an eye's corners, from the head's origin:
constexpr double kCornersOutwardsMm = 31.5;
constexpr double kCornersUpMm = 26.3;
constexpr double kCornersForwardMm = 34.7;
// The eyeball's centre, from the middle of the corners; and from there to the iris.
constexpr double kOutwardsMm = 1.3;
constexpr double kUpMm = 1.9;
constexpr double kBackMm = 6;
constexpr double kIrisDistanceMm = 12.5;

}  // namespace

EyePlace eye_place(FaceLandmarks478 landmarks, Eye eye) {
  assert(landmarks.size() >= kFaceLandmarkCount);
  const EyeIndices& at = indices_of(eye);
  const Point<UprightPx> outer = landmarks[at.outer_corner].xy();
  const Point<UprightPx> inner = landmarks[at.inner_corner].xy();
  return {.center = (outer + inner) * 0.5F, .width_px = distance(outer, inner)};
}

Point<UprightPx> between_eyes(FaceLandmarks478 landmarks) {
  return (eye_place(landmarks, Eye::right).center + eye_place(landmarks, Eye::left).center) * 0.5F;
}

float eye_openness(FaceLandmarks478 landmarks, Eye eye) {
  assert(landmarks.size() >= kFaceLandmarkCount);
  const EyeIndices& at = indices_of(eye);
  const Point3<UprightPx>& outer = landmarks[at.outer_corner];
  const Point3<UprightPx>& inner = landmarks[at.inner_corner];
  const float width = std::hypot(outer.x - inner.x, outer.y - inner.y, outer.z - inner.z);
  float opening = 0;
  for (const auto& [upper, lower] : at.lids)
    opening += distance(landmarks[upper].xy(), landmarks[lower].xy());
  return width > 0 ? opening / static_cast<float>(at.lids.size()) / width : 0;
}

bool is_open(FaceLandmarks478 landmarks, Eye eye) {
  constexpr float kShut = 0.1F;
  return eye_openness(landmarks, eye) >= kShut;
}

std::optional<Direction> eye_direction(FaceLandmarks478 landmarks, const HeadPose& head,
                                       const PinholeCamera<UprightPx>& camera, Eye eye) {
  const auto to_vector = [](const std::array<double, 3>& v) {
    return Eigen::Vector3d(v[0], v[1], v[2]);
  };
  const auto from_head = [&](const Eigen::Vector3d& v) {
    return to_vector(camera_from_head(head, {v.x(), v.y(), v.z()}));
  };
  /// At a depth of 1.
  const auto ray_through = [&camera](Point<UprightPx> p) {
    return Eigen::Vector3d((static_cast<double>(p.x) - camera.center_x) / camera.focal_x,
                           (static_cast<double>(p.y) - camera.center_y) / camera.focal_y, 1);
  };
  const double outwards = eye == Eye::right ? -1 : 1;
  const double depth_mm =
      static_cast<double>(head.translation_mm[2]) +
      from_head({outwards * kCornersOutwardsMm, -kCornersUpMm, -kCornersForwardMm}).z();
  constexpr double kNearestMm = 1;
  if (!(depth_mm > kNearestMm)) return std::nullopt;
  const Eigen::Vector3d center_mm = ray_through(eye_place(landmarks, eye).center) * depth_mm +
                                    from_head({outwards * kOutwardsMm, -kUpMm, kBackMm});
  // Where the ray through the iris enters the sphere, or comes nearest to it.
  const Eigen::Vector3d ray = ray_through(landmarks[indices_of(eye).iris].xy()).normalized();
  const double along_mm = ray.dot(center_mm);
  const double inside =
      along_mm * along_mm - center_mm.squaredNorm() + kIrisDistanceMm * kIrisDistanceMm;
  const Eigen::Vector3d iris_mm = ray * (along_mm - std::sqrt(std::max(inside, 0.0)));
  const Eigen::Vector3d direction = (iris_mm - center_mm).normalized();
  return Direction{direction.x(), direction.y(), direction.z()};
}

}  // namespace retinue
