#include "perception/person.hpp"

namespace retinue {

const std::array<std::string_view, kBodyKeypointCount>& body_keypoint_names() {
  static constexpr std::array<std::string_view, kBodyKeypointCount> kNames = {
      "nose",           "left_eye",   "right_eye",   "left_ear",   "right_ear",   "left_shoulder",
      "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
      "right_hip",      "left_knee",  "right_knee",  "left_ankle", "right_ankle",
  };
  return kNames;
}

}  // namespace retinue
