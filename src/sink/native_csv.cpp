#include "sink/native_csv.hpp"

#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "base/json_text.hpp"
#include "sink/csv_text.hpp"

namespace retinue {

namespace {

// Those of append_json, so that both outputs hold the same numbers.
constexpr int kPixelDecimals = 2;
constexpr int kScoreDecimals = 4;
constexpr int kTimeDecimals = 6;

constexpr std::string_view kBoxColumns =
    "source,frame,time_s,kind,track,score,box_x,box_y,box_w,box_h";
constexpr std::size_t kObjectFields = 6;  // track, score, box
constexpr std::string_view kKeypointColumns =
    ",right_eye_x,right_eye_y,left_eye_x,left_eye_y,nose_tip_x,nose_tip_y"
    ",right_mouth_corner_x,right_mouth_corner_y,left_mouth_corner_x,left_mouth_corner_y";
constexpr std::string_view kHeadPoseColumns =
    ",yaw_deg,pitch_deg,roll_deg,translation_mm_x,translation_mm_y,translation_mm_z";
constexpr std::size_t kHeadPoseFields = 6;
constexpr std::size_t kBodyFields = 3 * kBodyKeypointCount;
constexpr std::string_view kGazeColumns =
    ",gaze_yaw_deg,gaze_pitch_deg,gaze_left_yaw_deg,gaze_left_pitch_deg,gaze_right_yaw_deg"
    ",gaze_right_pitch_deg";
constexpr std::size_t kGazeDirections = 3;  // Both eyes, left, right: two fields each.
constexpr int kIntensityDecimals = 3;
constexpr std::size_t kActionUnitFields = kActionUnitIntensityCount + kActionUnitCount;

void append_field(std::string& out, float value, int decimals) {
  out += ',';
  append_fixed(out, static_cast<double>(value), decimals);
}

void append_fields(std::string& out, std::initializer_list<float> values, int decimals) {
  for (const float value : values)
    append_field(out, value, decimals);
}

void append_empty_fields(std::string& out, std::size_t count) {
  out.append(count, ',');
}

void append_names(std::string& out, std::string_view prefix,
                  std::span<const std::string_view> names, std::string_view suffix = {}) {
  for (const std::string_view name : names)
    out.append(1, ',').append(prefix).append(name).append(suffix);
}

void append_keypoints(std::string& out, const Face& face) {
  for (const Point<FramePx>& point : face.keypoints)
    append_fields(out, {point.x, point.y}, kPixelDecimals);
}

void append_presence(std::string& out, const Face& face) {
  if (!face.presence) return append_empty_fields(out, 1);
  append_field(out, *face.presence, kScoreDecimals);
}

void append_blendshapes(std::string& out, const Face& face) {
  if (!face.blendshapes) return append_empty_fields(out, kBlendshapeCount);
  for (const float value : *face.blendshapes)
    append_field(out, value, kScoreDecimals);
}

void append_head_pose(std::string& out, const Face& face) {
  if (!face.head_pose) return append_empty_fields(out, kHeadPoseFields);
  const HeadPose& pose = *face.head_pose;
  append_fields(out, {pose.yaw_deg, pose.pitch_deg, pose.roll_deg}, kPixelDecimals);
  const auto& [x, y, z] = pose.translation_mm;
  append_fields(out, {x, y, z}, kPixelDecimals);
}

void append_gaze(std::string& out, const Face& face) {
  if (!face.gaze) return append_empty_fields(out, 2 * kGazeDirections);
  const Gaze& gaze = *face.gaze;
  for (const std::optional<GazeDirection>& direction :
       {std::optional(gaze.direction), gaze.left, gaze.right}) {
    if (direction) {
      append_fields(out, {direction->yaw_deg, direction->pitch_deg}, kPixelDecimals);
    } else {
      append_empty_fields(out, 2);
    }
  }
}

void append_action_unit_names(std::string& out) {
  append_names(out, "", std::span(kActionUnitNames).first(kActionUnitIntensityCount), "_intensity");
  append_names(out, "", kActionUnitNames, "_present");
}

void append_action_units(std::string& out, const Face& face) {
  if (!face.action_units) return append_empty_fields(out, kActionUnitFields);
  for (const float intensity : face.action_units->intensity)
    append_field(out, intensity, kIntensityDecimals);
  for (const bool present : face.action_units->present)
    out += present ? ",1" : ",0";
}

void append_emotions(std::string& out, const Face& face) {
  if (!face.emotions) return append_empty_fields(out, kEmotionNames.size());
  for (const float probability : *face.emotions)
    append_field(out, probability, kScoreDecimals);
}

/// The columns of one task on faces.
struct FaceColumns {
  TaskName task;
  std::size_t count;
  void (*append_header)(std::string& out);
  void (*append)(std::string& out, const Face& face);  ///< `count` fields, each behind a comma.
};

/// In their order.
constexpr std::array kFaceColumns = {
    FaceColumns{TaskName::faces, 2 * kFaceKeypointCount,
                [](std::string& out) { out += kKeypointColumns; }, append_keypoints},
    FaceColumns{TaskName::landmarks, 1, [](std::string& out) { out += ",presence"; },
                append_presence},
    FaceColumns{TaskName::blendshapes, kBlendshapeCount,
                [](std::string& out) { append_names(out, "", blendshape_names()); },
                append_blendshapes},
    FaceColumns{TaskName::head_pose, kHeadPoseFields,
                [](std::string& out) { out += kHeadPoseColumns; }, append_head_pose},
    FaceColumns{TaskName::gaze, 2 * kGazeDirections, [](std::string& out) { out += kGazeColumns; },
                append_gaze},
    FaceColumns{TaskName::action_units, kActionUnitFields, append_action_unit_names,
                append_action_units},
    FaceColumns{TaskName::emotion, kEmotionNames.size(),
                [](std::string& out) { append_names(out, "emotion_", kEmotionNames); },
                append_emotions},
};

class NativeCsv final : public CsvFormat {
 public:
  explicit NativeCsv(const NativeCsvSettings& settings)
      : tasks_(settings.tasks.closure()), landmark_columns_(settings.landmarks) {}

  void append_header(std::string& out) const override {
    out += kBoxColumns;
    for (const FaceColumns& columns : kFaceColumns) {
      if (tasks_.contains(columns.task)) columns.append_header(out);
    }
    if (tasks_.contains(TaskName::pose)) {
      for (const std::string_view keypoint : body_keypoint_names()) {
        const std::string name = ",body_" + std::string(keypoint);
        out.append(name).append("_x").append(name).append("_y").append(name).append("_score");
      }
    }
    for (std::size_t i = 0; landmark_columns_ && i < kFaceLandmarkCount; ++i) {
      const std::string name = ",landmark_" + std::to_string(i);
      out.append(name).append("_x").append(name).append("_y").append(name).append("_z");
    }
    if (has_links()) out += ",person";
    out += '\n';
  }

  void append_rows(std::string& out, const FrameResult& result) const override {
    if (result.faces.empty() && result.persons.empty()) {
      append_frame_fields(out, result, result.frame ? "" : "error");
      append_empty_fields(out, kObjectFields + face_field_count() + body_field_count() +
                                   landmark_field_count() + (has_links() ? 1 : 0));
      out += '\n';
    }
    for (const Face& face : result.faces) {
      append_frame_fields(out, result, "face");
      append_face(out, face);
      if (has_links()) append_track(out, face.person);
      out += '\n';
    }
    for (const Person& person : result.persons) {
      append_frame_fields(out, result, "person");
      append_person(out, person);
      if (has_links()) append_empty_fields(out, 1);
      out += '\n';
    }
  }

 private:
  static void append_frame_fields(std::string& out, const FrameResult& result,
                                  std::string_view kind) {
    append_csv_field(out, *result.source);
    out += ',';
    if (result.frame) out += std::to_string(*result.frame);
    out += ',';
    append_fixed(out, result.time.seconds(), kTimeDecimals);
    out.append(1, ',').append(kind);
  }

  /// Fields of faces after the box, without the landmarks.
  std::size_t face_field_count() const {
    std::size_t count = 0;
    for (const FaceColumns& columns : kFaceColumns) {
      if (tasks_.contains(columns.task)) count += columns.count;
    }
    return count;
  }

  std::size_t body_field_count() const { return tasks_.contains(TaskName::pose) ? kBodyFields : 0; }
  std::size_t landmark_field_count() const {
    return landmark_columns_ ? 3 * kFaceLandmarkCount : 0;
  }

  /// Whether it is measured whose face each face is.
  bool has_links() const {
    return tasks_.contains(TaskName::faces) && tasks_.contains(TaskName::persons);
  }

  static void append_track(std::string& out, const std::optional<TrackId>& track) {
    out += ',';
    if (track) out += std::to_string(track->value);
  }

  static void append_object(std::string& out, const std::optional<TrackId>& track, float score,
                            const Box<FramePx>& box) {
    append_track(out, track);
    append_field(out, score, kScoreDecimals);
    append_fields(out, {box.x, box.y, box.width, box.height}, kPixelDecimals);
  }

  void append_person(std::string& out, const Person& person) const {
    append_object(out, person.track, person.score, person.box);
    append_empty_fields(out, face_field_count());
    if (tasks_.contains(TaskName::pose)) append_body(out, person);
    append_empty_fields(out, landmark_field_count());
  }

  static void append_body(std::string& out, const Person& person) {
    if (!person.keypoints) return append_empty_fields(out, kBodyFields);
    for (const ScoredPoint<FramePx>& keypoint : *person.keypoints) {
      append_fields(out, {keypoint.at.x, keypoint.at.y}, kPixelDecimals);
      append_field(out, keypoint.score, kScoreDecimals);
    }
  }

  void append_face(std::string& out, const Face& face) const {
    append_object(out, face.track, face.score, face.box);
    for (const FaceColumns& columns : kFaceColumns) {
      if (tasks_.contains(columns.task)) columns.append(out, face);
    }
    append_empty_fields(out, body_field_count());
    if (landmark_columns_) append_landmarks(out, face);
  }

  static void append_landmarks(std::string& out, const Face& face) {
    for (std::size_t i = 0; i < kFaceLandmarkCount; ++i) {
      if (i >= face.landmarks.size()) {
        append_empty_fields(out, 3);
      } else {
        const Point3<FramePx>& point = face.landmarks[i];
        append_fields(out, {point.x, point.y, point.z}, kPixelDecimals);
      }
    }
  }

  TaskSet tasks_;
  bool landmark_columns_;
};

}  // namespace

std::unique_ptr<CsvFormat> native_csv(const NativeCsvSettings& settings) {
  return std::make_unique<NativeCsv>(settings);
}

}  // namespace retinue
