/// The task "head-pose": rotation and place of each head that has landmarks.
#pragma once

#include <memory>

#include "task/step.hpp"

namespace retinue {

/// Arithmetic only: see face/head_pose.hpp.
std::unique_ptr<Step> create_head_pose();

/// Behind create_head_pose: a model of the family head_pose_adas says how each head is turned,
/// instead of the mesh; where the head is stays the mesh's. It sees the box of the face, stretched.
///
/// Errors  unsupported: the session has not the outputs of the family.
Result<std::unique_ptr<Step>> create_head_pose_net(std::shared_ptr<const Session> session);

}  // namespace retinue
