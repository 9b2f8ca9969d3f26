#include "models/model_task.hpp"

#include <cstddef>
#include <string>

namespace retinue {

namespace {

/// In the order of the enumeration.
constexpr auto kNames =
    std::to_array<std::string_view>({"faces", "landmarks", "blendshapes", "head-pose", "gaze",
                                     "persons", "pose", "embedding", "emotion"});
static_assert(kNames.size() == kModelTasks.size());

}  // namespace

std::string_view name_of(ModelTask task) {
  return kNames.at(static_cast<std::size_t>(task));
}

Result<ModelTask> parse_model_task(std::string_view name) {
  std::string accepted;
  for (const ModelTask task : kModelTasks) {
    if (name == name_of(task)) return task;
    accepted += (accepted.empty() ? "" : ", ") + std::string(name_of(task));
  }
  return fail(ErrorCode::invalid_argument,
              "model task '" + std::string(name) + "' is not one of " + accepted);
}

}  // namespace retinue
