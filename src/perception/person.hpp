/// A person in one frame, and what is measured of them.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "geometry/affine.hpp"
#include "geometry/box.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/face.hpp"

namespace retinue {

/// The 17 points of COCO, in its order; the *person's* left and right.
enum class BodyKeypoint : std::uint8_t {
  nose,
  left_eye,
  right_eye,
  left_ear,
  right_ear,
  left_shoulder,
  right_shoulder,
  left_elbow,
  right_elbow,
  left_wrist,
  right_wrist,
  left_hip,
  right_hip,
  left_knee,
  right_knee,
  left_ankle,
  right_ankle
};
inline constexpr std::size_t kBodyKeypointCount = 17;

/// "nose", "left_eye", …: in the order of the enumeration.
const std::array<std::string_view, kBodyKeypointCount>& body_keypoint_names();

template <typename Space>
struct ScoredPoint {
  Point<Space> at;
  float score = 0;  ///< The model's confidence, in [0, 1].
};

template <typename Space>
using BodyKeypoints = std::array<ScoredPoint<Space>, kBodyKeypointCount>;

/// BlazePose's 33 landmarks of the body.
inline constexpr std::size_t kBodyLandmarkCount = 33;

template <typename Space>
struct BodyLandmarks {
  float presence = 0;  ///< That the region shows a body, in [0, 1].
  /// z in the unit of x, from the middle of the hips; smaller is nearer.
  std::array<Point3<Space>, kBodyLandmarkCount> points{};
  std::array<float, kBodyLandmarkCount> visibility{};  ///< In [0, 1].
  /// x right, y down, z away from the camera, from the middle of the hips.
  std::array<std::array<float, 3>, kBodyLandmarkCount> world_m{};
};

/// `Space`: UprightPx while it is measured, FramePx in records.
template <typename Space>
struct PersonIn {
  std::optional<TrackId> track;  ///< Counted apart from those of faces.
  float score = 0;               ///< The detector's, in [0, 1].
  Box<Space> box;
  /// Below the score from which the detector is believed: a person only if a track goes on with it.
  bool weak = false;
  std::optional<BodyKeypoints<Space>> keypoints;
  std::optional<BodyLandmarks<Space>> landmarks;  ///< Of models that have them.
};

using Person = PersonIn<FramePx>;

/// The same person seen in another space: boxes become their bounds, z scales with x.
template <typename To, typename From>
PersonIn<To> transformed(const Affine<To, From>& map, const PersonIn<From>& person) {
  PersonIn<To> out{.track = person.track,
                   .score = person.score,
                   .box = bounds(map, person.box),
                   .weak = person.weak,
                   .keypoints = {},
                   .landmarks = {}};
  if (person.keypoints) {
    out.keypoints.emplace();
    for (std::size_t i = 0; i < kBodyKeypointCount; ++i)
      (*out.keypoints)[i] = {map * (*person.keypoints)[i].at, (*person.keypoints)[i].score};
  }
  if (person.landmarks) {
    const auto z_scale = static_cast<float>(std::hypot(map.xx, map.yx));
    BodyLandmarks<To>& landmarks = out.landmarks.emplace();
    landmarks.presence = person.landmarks->presence;
    landmarks.visibility = person.landmarks->visibility;
    landmarks.world_m = person.landmarks->world_m;
    for (std::size_t i = 0; i < kBodyLandmarkCount; ++i) {
      const Point3<From>& point = person.landmarks->points[i];
      const Point<To> xy = map * point.xy();
      landmarks.points[i] = {xy.x, xy.y, point.z * z_scale};
    }
  }
  return out;
}

}  // namespace retinue
