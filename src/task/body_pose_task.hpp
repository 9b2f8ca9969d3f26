/// The task "pose": the 17 points of each person's body, looked for in a region around their box.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "task/step.hpp"
#include "task/task_list.hpp"

namespace retinue {

/// The region around a person's box that a model with an input of `input` looks at: 1.25 times the
/// box, made longer on one side to have the input's aspect. That is how top-down models are trained
/// (Xiao, Wu, Wei, "Simple Baselines for Human Pose Estimation and Tracking", ECCV 2018).
RotatedBox<UprightPx> body_region(const Box<UprightPx>& box, Size input);

/// For models of the families movenet, simcc, pose_heatmaps and blazepose_landmarks. Of the last,
/// persons whose presence is below 0.5 get no points.
///
/// Errors  unsupported: an input that the sampler cannot fill.
Result<std::unique_ptr<Step>> create_body_pose(const LoadedModel& model,
                                               const PersonTaskSettings& settings);

}  // namespace retinue
