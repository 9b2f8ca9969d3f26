/// A face in one frame, and what is measured of it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "geometry/affine.hpp"
#include "geometry/box.hpp"
#include "geometry/direction.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/action_unit.hpp"
#include "perception/embedding.hpp"
#include "perception/emotion.hpp"

namespace retinue {

/// One object over the frames of one source. Counts from 1; never used again within a run of the
/// source.
struct TrackId {
  std::uint32_t value = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 in it for a pointer
  auto operator<=>(const TrackId&) const = default;
};

/// A face may be out of sight this long and come back with its track.
inline constexpr std::chrono::milliseconds kFaceComesBackWithin{1000};

/// The *person's* right and left.
enum class FaceKeypoint : std::uint8_t {
  right_eye,
  left_eye,
  nose_tip,
  right_mouth_corner,
  left_mouth_corner
};
inline constexpr std::size_t kFaceKeypointCount = 5;

/// MediaPipe's face mesh: 468 points of the surface and 2 x 5 of the irises.
inline constexpr std::size_t kFaceLandmarkCount = 478;

/// ARKit's 52 blendshape names in MediaPipe's order: `_neutral` first.
inline constexpr std::size_t kBlendshapeCount = 52;
using Blendshapes = std::array<float, kBlendshapeCount>;
const std::array<std::string_view, kBlendshapeCount>& blendshape_names();

/// Camera axes: x right, y down, z away from the camera. The rotation is
/// `R = Rz(roll) · Ry(-yaw) · Rx(-pitch)`: yaw is positive when the face turns towards the
/// picture's right edge, pitch positive upwards, roll positive clockwise as seen. Relative to the
/// camera's axes, not to the ray to the face.
struct HeadPose {
  float yaw_deg = 0;
  float pitch_deg = 0;
  float roll_deg = 0;
  /// Of the head's origin from the optical centre.
  std::array<float, 3> translation_mm{};
};

/// A direction of view in camera axes, with the signs of HeadPose: yaw is positive towards the
/// picture's right edge, pitch positive upwards. (0, 0) is parallel to the optical axis, into the
/// camera: whoever looks into the camera from beside the axis has other angles.
struct GazeDirection {
  float yaw_deg = 0;
  float pitch_deg = 0;

  friend bool operator==(const GazeDirection&, const GazeDirection&) = default;
};

/// `direction` need not be of unit length, but must have a length.
GazeDirection gaze_direction(const Direction& direction);
Direction direction_of(const GazeDirection& gaze);

/// Where a person looks.
struct Gaze {
  /// Of both eyes together: what the gaze model says.
  GazeDirection direction;
  /// Of the *person's* eyes one by one: `direction`, apart by what the mesh's irises differ by.
  /// Less sure than `direction`. Absent while that eye is shut.
  std::optional<GazeDirection> left;
  std::optional<GazeDirection> right;

  friend bool operator==(const Gaze&, const Gaze&) = default;
};

/// In face/: what OpenFace's predictors of action units look at.
struct OpenFaceMeasurement;

/// `Space`: UprightPx while it is measured, FramePx in records.
template <typename Space>
struct FaceIn {
  std::optional<TrackId> track;
  /// The track of the person whose face this is, among persons' tracks; absent when none is known.
  std::optional<TrackId> person;
  float score = 0;  ///< The detector's, in [0, 1].
  Box<Space> box;
  std::array<Point<Space>, kFaceKeypointCount> keypoints;
  /// The mesh's own score that there is a face, in [0, 1]; absent when no mesh was asked for.
  std::optional<float> presence;
  /// kFaceLandmarkCount points, or none when no mesh was asked for or it found no face.
  std::vector<Point3<Space>> landmarks;
  std::optional<Blendshapes> blendshapes;  ///< Each in [0, 1].
  std::optional<HeadPose> head_pose;
  std::optional<Gaze> gaze;  ///< Absent while the eyes are shut.
  std::optional<ActionUnits> action_units;
  std::optional<Embedding> embedding;
  std::optional<Emotions> emotions;
  /// Not of the record: from where it is measured to where OpenFace's action units are told.
  std::shared_ptr<const OpenFaceMeasurement> openface;
};

using Face = FaceIn<FramePx>;

/// `out` becomes the same face seen in another space: boxes become their bounds, z scales with x.
/// Allocates nothing where `out` has room for the landmarks.
template <typename To, typename From>
void transform(const Affine<To, From>& map, const FaceIn<From>& face, FaceIn<To>& out) {
  out.track = face.track;
  out.person = face.person;
  out.score = face.score;
  out.box = bounds(map, face.box);
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i)
    out.keypoints[i] = map * face.keypoints[i];
  out.presence = face.presence;
  out.landmarks.clear();
  out.landmarks.reserve(face.landmarks.size());
  const auto z_scale = static_cast<float>(std::hypot(map.xx, map.yx));
  for (const Point3<From>& landmark : face.landmarks) {
    const Point<To> xy = map * landmark.xy();
    out.landmarks.push_back({xy.x, xy.y, landmark.z * z_scale});
  }
  out.blendshapes = face.blendshapes;
  out.head_pose = face.head_pose;
  out.gaze = face.gaze;
  out.action_units = face.action_units;
  out.embedding = face.embedding;
  out.emotions = face.emotions;
  out.openface = face.openface;
}

template <typename To, typename From>
FaceIn<To> transformed(const Affine<To, From>& map, const FaceIn<From>& face) {
  FaceIn<To> out;
  transform(map, face, out);
  return out;
}

/// The memory of landmarks that nobody needs any more, for faces to come: the frames that one of
/// these serves allocate nothing, once it has seen the one with the most faces. Thread-bound.
template <typename Space>
class SpareLandmarks {
 public:
  /// Empties `faces` and keeps the memory of their landmarks.
  void take_from(std::vector<FaceIn<Space>>& faces) {
    for (FaceIn<Space>& face : faces) {
      if (face.landmarks.capacity() >= kFaceLandmarkCount)
        spare_.push_back(std::move(face.landmarks));
    }
    faces.clear();
  }

  /// Makes room for a whole mesh where `face` has none.
  void give_to(FaceIn<Space>& face) {
    if (face.landmarks.capacity() >= kFaceLandmarkCount) return;
    if (spare_.empty()) return face.landmarks.reserve(kFaceLandmarkCount);
    face.landmarks = std::move(spare_.back());
    spare_.pop_back();
    face.landmarks.clear();
  }

 private:
  std::vector<std::vector<Point3<Space>>> spare_;
};

}  // namespace retinue
