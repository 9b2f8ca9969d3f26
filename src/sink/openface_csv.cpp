#include "sink/openface_csv.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "base/json_text.hpp"
#include "perception/ibug_landmarks.hpp"
#include "sink/head_axes.hpp"

namespace retinue {

namespace {

constexpr std::size_t kGazeFields = 8;
constexpr std::size_t kPoseFields = 6;

/// Presences sorted by name, as OpenFace does: AU28 stands between AU26 and AU45.
std::array<std::size_t, kActionUnitCount> units_by_name() {
  std::array<std::size_t, kActionUnitCount> units{};
  for (std::size_t i = 0; i < kActionUnitCount; ++i)
    units[i] = i;
  std::ranges::sort(units, {}, [](std::size_t i) { return kActionUnitNames[i]; });
  return units;
}

void append_field(std::string& out, double value, int decimals) {
  out += ',';
  append_fixed(out, value, decimals);
}

void append_zeros(std::string& out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    out += ",0";
}

using Matrix3 = std::array<std::array<double, 3>, 3>;

/// What HeadPose says, as a matrix: its columns are the head's axes.
Matrix3 rotation_of(const HeadPose& pose) {
  const auto [right, down, forward] = head_axes(pose);
  return {{{right[0], down[0], -forward[0]},
           {right[1], down[1], -forward[1]},
           {right[2], down[2], -forward[2]}}};
}

/// Angles of R = Rx · Ry · Rz.
std::array<double, 3> openface_angles_rad(const Matrix3& R) {
  return {std::atan2(-R[1][2], R[2][2]), std::asin(std::clamp(R[0][2], -1.0, 1.0)),
          std::atan2(-R[0][1], R[0][0])};
}

class OpenFaceCsv final : public CsvFormat {
 public:
  void append_header(std::string& out) const override {
    out +=
        "frame,face_id,timestamp,confidence,success,gaze_0_x,gaze_0_y,gaze_0_z,gaze_1_x,gaze_1_y,"
        "gaze_1_z,gaze_angle_x,gaze_angle_y,pose_Tx,pose_Ty,pose_Tz,pose_Rx,pose_Ry,pose_Rz";
    for (const char* axis : {",x_", ",y_"}) {
      for (std::size_t i = 0; i < kIbugLandmarkCount; ++i)
        out.append(axis).append(std::to_string(i));
    }
    for (std::size_t i = 0; i < kActionUnitIntensityCount; ++i)
      out.append(1, ',').append(kActionUnitNames[i]).append("_r");
    for (const std::size_t i : by_name_)
      out.append(1, ',').append(kActionUnitNames[i]).append("_c");
    out += '\n';
  }

  void append_rows(std::string& out, const FrameResult& result) const override {
    if (!result.frame) return;
    if (result.faces.empty()) {
      append_frame_fields(out, result, 0);
      append_zeros(out, 2 + kGazeFields + kPoseFields + 2 * kIbugLandmarkCount +
                            kActionUnitIntensityCount + kActionUnitCount);
      out += '\n';
    }
    for (const Face& face : result.faces) {
      append_frame_fields(out, result, face.track ? face.track->value - 1 : 0);
      append_field(out, static_cast<double>(face.presence.value_or(face.score)), 2);
      out += face.landmarks.empty() ? ",0" : ",1";
      append_gaze(out, face);
      append_pose(out, face);
      append_landmarks(out, face);
      append_action_units(out, face);
      out += '\n';
    }
  }

 private:
  static void append_frame_fields(std::string& out, const FrameResult& result,
                                  std::uint32_t face_id) {
    out.append(std::to_string(*result.frame + 1)).append(1, ',').append(std::to_string(face_id));
    append_field(out, result.time.seconds(), 3);
  }

  /// Vectors of the eyes, the one on the picture's left first (the person's right), with 6
  /// decimals; then the angles of both together, with 3. OpenFace's axes are ours. An eye that is
  /// shut has the direction of both.
  static void append_gaze(std::string& out, const Face& face) {
    if (!face.gaze) return append_zeros(out, kGazeFields);
    const Gaze& gaze = *face.gaze;
    for (const GazeDirection& eye :
         {gaze.right.value_or(gaze.direction), gaze.left.value_or(gaze.direction)}) {
      for (const double value : direction_of(eye))
        append_field(out, value, 6);
    }
    const auto [x, y, z] = direction_of(gaze.direction);
    append_field(out, std::atan2(x, -z), 3);
    append_field(out, std::atan2(y, -z), 3);
  }

  static void append_pose(std::string& out, const Face& face) {
    if (!face.head_pose) return append_zeros(out, kPoseFields);
    for (const float value : face.head_pose->translation_mm)
      append_field(out, static_cast<double>(value), 1);
    for (const double angle : openface_angles_rad(rotation_of(*face.head_pose)))
      append_field(out, angle, 3);
  }

  /// OpenFace counts pixels; ours have their centres at +0.5.
  static void append_landmarks(std::string& out, const Face& face) {
    if (face.landmarks.size() != kFaceLandmarkCount)
      return append_zeros(out, 2 * kIbugLandmarkCount);
    for (const std::size_t i : kMeshOfIbug)
      append_field(out, static_cast<double>(face.landmarks[i].x) - 0.5, 1);
    for (const std::size_t i : kMeshOfIbug)
      append_field(out, static_cast<double>(face.landmarks[i].y) - 0.5, 1);
  }

  void append_action_units(std::string& out, const Face& face) const {
    if (!face.action_units) return append_zeros(out, kActionUnitIntensityCount + kActionUnitCount);
    for (const float intensity : face.action_units->intensity)
      append_field(out, static_cast<double>(intensity), 2);
    for (const std::size_t i : by_name_)
      append_field(out, face.action_units->present[i] ? 1 : 0, 1);
  }

  std::array<std::size_t, kActionUnitCount> by_name_ = units_by_name();
};

}  // namespace

std::unique_ptr<CsvFormat> openface_csv() {
  return std::make_unique<OpenFaceCsv>();
}

}  // namespace retinue
