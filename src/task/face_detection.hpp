/// The task "faces": boxes and five keypoints of every face in the picture.
#pragma once

#include <memory>

#include "task/step.hpp"
#include "task/task_list.hpp"

namespace retinue {

/// The picture is fitted into the top-left corner of the detector's input, whose sides are the next
/// multiples of 32; the rest is black. For models of the family yunet.
///
/// Looks at frames for which the detection is due.
std::unique_ptr<Step> create_face_detection(std::shared_ptr<const Session> session,
                                            const FaceTaskSettings& settings);

/// Looks at frames of followed faces when it is not due but wanted (FaceFollower). Takes its turn.
std::unique_ptr<Step> create_wanted_face_detection(std::shared_ptr<const Session> session,
                                                   const FaceTaskSettings& settings);

}  // namespace retinue
