/// The task "persons": a box for every person in the picture, and the points of models that find
/// both.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "task/detector_input.hpp"
#include "task/step.hpp"
#include "task/task_list.hpp"

namespace retinue {

/// For the families of detectors of persons. The picture is fitted into the model's input as the
/// family was trained: into the top-left corner, into the middle, or stretched.
///
/// In videos, persons below the least score, down to half of it, are kept as weak: a tracker may go
/// on with them. In still pictures there is nothing to go on with.
///
/// Errors  unsupported: a family that finds no persons, or an input that the sampler cannot fill.
Result<std::unique_ptr<Step>> create_person_detection(const LoadedModel& model,
                                                      const PersonTaskSettings& settings,
                                                      DetectionFrames frames);

}  // namespace retinue
