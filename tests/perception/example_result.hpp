/// Results with everything in them, for the tests of what is done with results.
#pragma once

#include <cmath>
#include <memory>
#include <string>

#include "perception/frame_result.hpp"

namespace retinue {

inline TaskSet all_tasks() {
  TaskSet tasks;
  for (const TaskName task : kTaskNames)
    tasks.insert(task);
  return tasks;
}

/// A face with every part measured. Its mesh is a spiral with irises: valid numbers, not a face.
inline Face example_face(Box<FramePx> box = {100.5F, 50.25F, 80, 96}) {
  Face face;
  face.track = TrackId{7};
  face.score = 0.98766F;
  face.box = box;
  const Point<FramePx> center = box.center();
  const float w = box.width;
  face.keypoints = {{{center.x - w / 5, center.y - w / 5},
                     {center.x + w / 5, center.y - w / 5},
                     center,
                     {center.x - w / 6, center.y + w / 4},
                     {center.x + w / 6, center.y + w / 4}}};
  face.presence = 0.75F;
  for (std::size_t i = 0; i < kFaceLandmarkCount; ++i) {
    const float angle = static_cast<float>(i) * 0.3F;
    const float radius = w / 2 * static_cast<float>(i) / static_cast<float>(kFaceLandmarkCount);
    face.landmarks.push_back({center.x + radius * std::cos(angle),
                              center.y + radius * std::sin(angle), static_cast<float>(i) / 100});
  }
  for (std::size_t iris = 0; iris < 2; ++iris) {
    for (std::size_t i = 0; i < 5; ++i) {  // The centre, then the rim.
      const float angle = static_cast<float>(i) * 1.5708F;
      const float radius = i == 0 ? 0 : w / 40;
      const Point<FramePx> eye = face.keypoints[iris];
      face.landmarks[468 + 5 * iris + i] = {eye.x + radius * std::cos(angle),
                                            eye.y + radius * std::sin(angle), 0};
    }
  }
  Blendshapes blendshapes{};
  for (std::size_t i = 0; i < kBlendshapeCount; ++i)
    blendshapes[i] = static_cast<float>(i) / 100;
  face.blendshapes = blendshapes;
  face.head_pose = HeadPose{-3.125F, 6, 0.5F, {12, -30.5F, 640.25F}};
  face.gaze = Gaze{.direction = {-5.25F, -1.5F}, .left = {{-6.5F, -2}}, .right = {{-4, -1.25F}}};
  ActionUnits units;
  for (std::size_t i = 0; i < kActionUnitIntensityCount; ++i)
    units.intensity[i] = static_cast<float>(i) / 4;
  units.present[static_cast<std::size_t>(ActionUnit::au28)] = true;
  face.action_units = units;
  face.embedding = Embedding(std::array{0.6F, 0.0F, -0.8F});
  face.emotions = Emotions{0.05F, 0, 0.125F, 0.5F, 0.05F, 0.125F, 0.15F};
  return face;
}

/// A person with every part measured: the k-th point has the score k / 20.
inline Person example_person(Box<FramePx> box = {200.5F, 40, 120, 300}) {
  Person person;
  person.track = TrackId{3};
  person.score = 0.91F;
  person.box = box;
  BodyKeypoints<FramePx>& keypoints = person.keypoints.emplace();
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    const auto share = static_cast<float>(k) / kBodyKeypointCount;
    keypoints[k] = {{box.x + box.width * share, box.y + box.height * share},
                    static_cast<float>(k) / 20};
  }
  return person;
}

inline FrameResult example_result(std::uint64_t frame = 12) {
  FrameResult result;
  result.source = std::make_shared<const std::string>("walk.mp4");
  result.frame = frame;
  result.time = {std::chrono::milliseconds(400)};
  result.size = {1280, 720};
  result.tasks = all_tasks();
  result.faces = {example_face()};
  return result;
}

/// A frame in which nobody was found.
inline FrameResult empty_result(std::uint64_t frame = 12) {
  FrameResult result = example_result(frame);
  result.faces.clear();
  return result;
}

/// A packet that could not be decoded.
inline FrameResult error_result() {
  FrameResult result = empty_result();
  result.frame.reset();
  result.error = "decoding a packet of 'walk.mp4': bytes that are not H.264";
  return result;
}

}  // namespace retinue
