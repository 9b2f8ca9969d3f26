#include "perception/frame_result.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "base/json_text.hpp"

namespace retinue {

namespace {

constexpr int kPixelDecimals = 2;
constexpr int kScoreDecimals = 4;
constexpr int kIntensityDecimals = 3;
constexpr int kTimeDecimals = 6;
constexpr int kMetreDecimals = 4;

void append_numbers(std::string& out, std::initializer_list<float> values, int decimals) {
  out += '[';
  bool first = true;
  for (const float value : values) {
    if (!first) out += ',';
    first = false;
    append_fixed(out, static_cast<double>(value), decimals);
  }
  out += ']';
}

void append_number_key(std::string& out, std::string_view key, double value, int decimals) {
  out.append(",\"").append(key).append("\":");
  append_fixed(out, value, decimals);
}

void append_landmarks(std::string& out, const std::vector<Point3<FramePx>>& landmarks) {
  out += ",\"landmarks\":[";
  bool first = true;
  for (const Point3<FramePx>& p : landmarks) {
    if (!first) out += ',';
    first = false;
    append_numbers(out, {p.x, p.y, p.z}, kPixelDecimals);
  }
  out += ']';
}

void append_blendshapes(std::string& out, const Blendshapes& blendshapes) {
  out += ",\"blendshapes\":{";
  const auto& names = blendshape_names();
  for (std::size_t i = 0; i < kBlendshapeCount; ++i) {
    if (i != 0) out += ',';
    out.append(1, '"').append(names[i]).append("\":");
    append_fixed(out, static_cast<double>(blendshapes[i]), kScoreDecimals);
  }
  out += '}';
}

void append_head_pose(std::string& out, const HeadPose& pose) {
  out += R"(,"head_pose":{"yaw_deg":)";
  append_fixed(out, static_cast<double>(pose.yaw_deg), kPixelDecimals);
  append_number_key(out, "pitch_deg", static_cast<double>(pose.pitch_deg), kPixelDecimals);
  append_number_key(out, "roll_deg", static_cast<double>(pose.roll_deg), kPixelDecimals);
  out += ",\"translation_mm\":";
  append_numbers(out, {pose.translation_mm[0], pose.translation_mm[1], pose.translation_mm[2]},
                 kPixelDecimals);
  out += '}';
}

/// `"yaw_deg":…,"pitch_deg":…`
void append_gaze_direction(std::string& out, const GazeDirection& direction) {
  out += R"("yaw_deg":)";
  append_fixed(out, static_cast<double>(direction.yaw_deg), kPixelDecimals);
  append_number_key(out, "pitch_deg", static_cast<double>(direction.pitch_deg), kPixelDecimals);
}

void append_gaze(std::string& out, const Gaze& gaze) {
  const auto append_eye = [&out](std::string_view eye,
                                 const std::optional<GazeDirection>& direction) {
    if (!direction) return;
    out.append(",\"").append(eye).append("\":{");
    append_gaze_direction(out, *direction);
    out += '}';
  };
  out += ",\"gaze\":{";
  append_gaze_direction(out, gaze.direction);
  append_eye("left", gaze.left);
  append_eye("right", gaze.right);
  out += '}';
}

void append_action_units(std::string& out, const ActionUnits& units) {
  out += ",\"action_units\":{";
  for (std::size_t i = 0; i < kActionUnitCount; ++i) {
    if (i != 0) out += ',';
    out.append(1, '"').append(kActionUnitNames[i]).append("\":{");
    if (i < kActionUnitIntensityCount) {
      out += "\"intensity\":";
      append_fixed(out, static_cast<double>(units.intensity[i]), kIntensityDecimals);
      out += ',';
    }
    out.append("\"present\":").append(units.present[i] ? "true}" : "false}");
  }
  out += '}';
}

void append_embedding(std::string& out, const Embedding& embedding) {
  out += ",\"embedding\":[";
  bool first = true;
  for (const float value : embedding.values()) {
    if (!first) out += ',';
    first = false;
    append_fixed(out, static_cast<double>(value), kScoreDecimals);
  }
  out += ']';
}

void append_emotions(std::string& out, const Emotions& emotions) {
  out += ",\"emotion\":{";
  for (std::size_t i = 0; i < emotions.size(); ++i) {
    if (i != 0) out += ',';
    out.append(1, '"').append(kEmotionNames[i]).append("\":");
    append_fixed(out, static_cast<double>(emotions[i]), kScoreDecimals);
  }
  out += '}';
}

/// `"track":1,`; nothing where there is none.
void append_track(std::string& out, std::string_view key, const std::optional<TrackId>& track) {
  if (!track) return;
  out.append(1, '"').append(key).append("\":").append(std::to_string(track->value)).append(1, ',');
}

void append_face(std::string& out, const Face& face) {
  out += '{';
  append_track(out, "track", face.track);
  append_track(out, "person", face.person);
  out += "\"score\":";
  append_fixed(out, static_cast<double>(face.score), kScoreDecimals);
  if (face.presence) {
    append_number_key(out, "presence", static_cast<double>(*face.presence), kScoreDecimals);
  }
  out += ",\"box\":";
  append_numbers(out, {face.box.x, face.box.y, face.box.width, face.box.height}, kPixelDecimals);
  out += ",\"keypoints\":[";
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    if (i != 0) out += ',';
    append_numbers(out, {face.keypoints[i].x, face.keypoints[i].y}, kPixelDecimals);
  }
  out += ']';
  if (!face.landmarks.empty()) append_landmarks(out, face.landmarks);
  if (face.blendshapes) append_blendshapes(out, *face.blendshapes);
  if (face.head_pose) append_head_pose(out, *face.head_pose);
  if (face.gaze) append_gaze(out, *face.gaze);
  if (face.action_units) append_action_units(out, *face.action_units);
  if (face.embedding) append_embedding(out, *face.embedding);
  if (face.emotions) append_emotions(out, *face.emotions);
  out += '}';
}

/// BlazePose's points, which are beside the contract's 17.
void append_body_landmarks(std::string& out, const BodyLandmarks<FramePx>& landmarks) {
  append_number_key(out, "presence", static_cast<double>(landmarks.presence), kScoreDecimals);
  out += ",\"landmarks\":[";
  for (std::size_t i = 0; i < kBodyLandmarkCount; ++i) {
    const Point3<FramePx>& point = landmarks.points[i];
    out += i == 0 ? "[" : ",[";
    for (const float value : {point.x, point.y, point.z}) {
      append_fixed(out, static_cast<double>(value), kPixelDecimals);
      out += ',';
    }
    append_fixed(out, static_cast<double>(landmarks.visibility[i]), kScoreDecimals);
    out += ']';
  }
  out += "],\"world_landmarks_m\":[";
  for (std::size_t i = 0; i < kBodyLandmarkCount; ++i) {
    const auto& [x, y, z] = landmarks.world_m[i];
    if (i != 0) out += ',';
    append_numbers(out, {x, y, z}, kMetreDecimals);
  }
  out += ']';
}

void append_person(std::string& out, const Person& person) {
  out += '{';
  append_track(out, "track", person.track);
  out += "\"score\":";
  append_fixed(out, static_cast<double>(person.score), kScoreDecimals);
  out += ",\"box\":";
  append_numbers(out, {person.box.x, person.box.y, person.box.width, person.box.height},
                 kPixelDecimals);
  if (person.keypoints) {
    out += ",\"keypoints\":[";
    bool first = true;
    for (const ScoredPoint<FramePx>& keypoint : *person.keypoints) {
      out += first ? "[" : ",[";
      first = false;
      append_fixed(out, static_cast<double>(keypoint.at.x), kPixelDecimals);
      out += ',';
      append_fixed(out, static_cast<double>(keypoint.at.y), kPixelDecimals);
      out += ',';
      append_fixed(out, static_cast<double>(keypoint.score), kScoreDecimals);
      out += ']';
    }
    out += ']';
  }
  if (person.landmarks) append_body_landmarks(out, *person.landmarks);
  out += '}';
}

std::string_view name_of(CaptureClock clock) {
  switch (clock) {
    case CaptureClock::rtcp:
      return "rtcp";
    case CaptureClock::driver:
      return "driver";
    case CaptureClock::arrival:
      return "arrival";
  }
  __builtin_unreachable();
}

/// RFC 3339 with microseconds, UTC.
void append_utc(std::string& out, std::chrono::sys_time<std::chrono::nanoseconds> utc) {
  const auto day = std::chrono::floor<std::chrono::days>(utc);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::microseconds>(utc - day));
  std::array<char, 48> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "\"%04d-%02u-%02uT%02d:%02d:%02d.%06dZ\"",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()));
  out.append(text.data(), static_cast<std::size_t>(length));
}

}  // namespace

void append_json(std::string& out, const FrameResult& result) {
  out += "{\"source\":";
  append_json_string(out, *result.source);
  if (result.frame) out.append(",\"frame\":").append(std::to_string(*result.frame));
  append_number_key(out, "time_s", result.time.seconds(), kTimeDecimals);
  if (!result.frame) {
    out += ",\"error\":";
    append_json_string(out, result.error);
    out += '}';
    return;
  }
  out.append(",\"width\":").append(std::to_string(result.size.width));
  out.append(",\"height\":").append(std::to_string(result.size.height));
  if (result.discontinuity) out += R"(,"discontinuity":true)";
  if (result.captured_at) {
    out += ",\"captured_at\":";
    append_utc(out, result.captured_at->utc);
    out.append(R"(,"clock":")").append(name_of(result.captured_at->clock)).append(1, '"');
  }
  if (result.latency_ms) append_number_key(out, "latency_ms", *result.latency_ms, 3);
  if (result.tasks.contains(TaskName::faces)) {
    out += ",\"faces\":[";
    for (std::size_t i = 0; i < result.faces.size(); ++i) {
      if (i != 0) out += ',';
      append_face(out, result.faces[i]);
    }
    out += ']';
  }
  if (result.tasks.contains(TaskName::persons)) {
    out += ",\"persons\":[";
    for (std::size_t i = 0; i < result.persons.size(); ++i) {
      if (i != 0) out += ',';
      append_person(out, result.persons[i]);
    }
    out += ']';
  }
  out += '}';
}

}  // namespace retinue
