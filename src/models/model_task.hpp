/// The tasks that a model can do, by the names that a user types.
#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"

namespace retinue {

enum class ModelTask {
  faces,        ///< Finds faces in a picture.
  landmarks,    ///< Face mesh in a region around one face.
  blendshapes,  ///< Expression coefficients from mesh points.
  head_pose,    ///< How a head is turned, from a picture of the face. Without one: from the mesh.
  gaze,         ///< Where a person looks, from the eyes or the face.
  persons,      ///< Finds persons in a picture.
  pose,         ///< The 17 points of a body in a region around one person, or of all at once.
  embedding,    ///< A face as a vector that tells persons apart.
  emotion,      ///< How a face looks: the basic emotions.
};

inline constexpr std::array kModelTasks{
    ModelTask::faces,     ModelTask::landmarks, ModelTask::blendshapes,
    ModelTask::head_pose, ModelTask::gaze,      ModelTask::persons,
    ModelTask::pose,      ModelTask::embedding, ModelTask::emotion};

/// True if the task is done without a model unless the user names one: it has no default.
constexpr bool is_optional(ModelTask task) {
  return task == ModelTask::head_pose;
}

/// "faces", "landmarks", …: the names of `--tasks` and `--model TASK=FILE`.
std::string_view name_of(ModelTask task);

/// Errors  invalid_argument: not one of the names above.
Result<ModelTask> parse_model_task(std::string_view name);

}  // namespace retinue
