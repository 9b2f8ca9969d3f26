#include "perception/face.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace retinue {

namespace {

constexpr double kRadPerDeg = std::numbers::pi / 180;

}  // namespace

GazeDirection gaze_direction(const Direction& direction) {
  const auto& [x, y, z] = direction;
  const double length = std::hypot(x, y, z);
  return {
      .yaw_deg = static_cast<float>(std::atan2(x, -z) / kRadPerDeg),
      .pitch_deg = static_cast<float>(-std::asin(std::clamp(y / length, -1.0, 1.0)) / kRadPerDeg)};
}

Direction direction_of(const GazeDirection& gaze) {
  const double yaw = static_cast<double>(gaze.yaw_deg) * kRadPerDeg;
  const double pitch = static_cast<double>(gaze.pitch_deg) * kRadPerDeg;
  return {std::cos(pitch) * std::sin(yaw), -std::sin(pitch), -std::cos(pitch) * std::cos(yaw)};
}

const std::array<std::string_view, kBlendshapeCount>& blendshape_names() {
  static constexpr std::array<std::string_view, kBlendshapeCount> kNames = {
      "_neutral",         "browDownLeft",      "browDownRight",      "browInnerUp",
      "browOuterUpLeft",  "browOuterUpRight",  "cheekPuff",          "cheekSquintLeft",
      "cheekSquintRight", "eyeBlinkLeft",      "eyeBlinkRight",      "eyeLookDownLeft",
      "eyeLookDownRight", "eyeLookInLeft",     "eyeLookInRight",     "eyeLookOutLeft",
      "eyeLookOutRight",  "eyeLookUpLeft",     "eyeLookUpRight",     "eyeSquintLeft",
      "eyeSquintRight",   "eyeWideLeft",       "eyeWideRight",       "jawForward",
      "jawLeft",          "jawOpen",           "jawRight",           "mouthClose",
      "mouthDimpleLeft",  "mouthDimpleRight",  "mouthFrownLeft",     "mouthFrownRight",
      "mouthFunnel",      "mouthLeft",         "mouthLowerDownLeft", "mouthLowerDownRight",
      "mouthPressLeft",   "mouthPressRight",   "mouthPucker",        "mouthRight",
      "mouthRollLower",   "mouthRollUpper",    "mouthShrugLower",    "mouthShrugUpper",
      "mouthSmileLeft",   "mouthSmileRight",   "mouthStretchLeft",   "mouthStretchRight",
      "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft",      "noseSneerRight",
  };
  return kNames;
}

}  // namespace retinue
