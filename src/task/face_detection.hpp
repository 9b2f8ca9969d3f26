/// The task "faces": boxes and five keypoints of every face in the picture.
#pragma once

#include <memory>

#include "task/detector_input.hpp"
#include "task/face_detectors.hpp"
#include "task/step.hpp"
#include "task/task_list.hpp"

namespace retinue {

/// The picture is fitted into the detector's input as its family wants it, the rest is black. The
/// sides of an input without a size of its own are the next multiples of 32.
std::unique_ptr<Step> create_face_detection(std::shared_ptr<const Session> session,
                                            const FaceTaskSettings& settings,
                                            const FaceDetector& detector,
                                            DetectionFrames frames = DetectionFrames::all);

}  // namespace retinue
