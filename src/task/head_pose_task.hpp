/// The task "head-pose": rotation and place of each head that has landmarks.
#pragma once

#include <memory>

#include "task/step.hpp"

namespace retinue {

/// Arithmetic only: see face/head_pose.hpp.
std::unique_ptr<Step> create_head_pose();

}  // namespace retinue
