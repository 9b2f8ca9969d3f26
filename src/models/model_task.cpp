#include "models/model_task.hpp"

#include <string>

namespace retinue {

std::string_view name_of(ModelTask task) {
  switch (task) {
    case ModelTask::faces:
      return "faces";
    case ModelTask::landmarks:
      return "landmarks";
    case ModelTask::blendshapes:
      return "blendshapes";
    case ModelTask::gaze:
      return "gaze";
    case ModelTask::persons:
      return "persons";
    case ModelTask::pose:
      return "pose";
  }
  return "unknown";
}

Result<ModelTask> parse_model_task(std::string_view name) {
  for (const ModelTask task : kModelTasks) {
    if (name == name_of(task)) return task;
  }
  return fail(ErrorCode::invalid_argument,
              "model task '" + std::string(name) +
                  "' is not one of faces, landmarks, blendshapes, gaze, persons, pose");
}

}  // namespace retinue
