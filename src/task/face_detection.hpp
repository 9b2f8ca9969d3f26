/// The task "faces": boxes and five keypoints of every face in the picture.
#pragma once

#include <memory>

#include "task/detector_input.hpp"
#include "task/step.hpp"
#include "task/task_list.hpp"

namespace retinue {

/// The picture is fitted into the top-left corner of the detector's input, whose sides are the next
/// multiples of 32; the rest is black. For models of the family yunet.
std::unique_ptr<Step> create_face_detection(std::shared_ptr<const Session> session,
                                            const FaceTaskSettings& settings,
                                            DetectionFrames frames = DetectionFrames::all);

}  // namespace retinue
