#include "cli/action_unit_options.hpp"

namespace retinue {

namespace {

constexpr std::string_view kFolderOption = "action-units=";

}  // namespace

Result<ActionUnitMethod> parse_action_unit_method(const std::string& text) {
  if (text == "blendshapes") return ActionUnitMethod::blendshapes;
  if (text == "openface") return ActionUnitMethod::openface;
  return fail(ErrorCode::invalid_argument, "--au '" + text + "': expected blendshapes or openface");
}

bool is_openface_folder(std::string_view model) {
  return model.starts_with(kFolderOption) && model.size() > kFolderOption.size();
}

Result<std::optional<std::filesystem::path>> parse_openface_folder(
    const std::vector<std::string>& models, ActionUnitMethod method) {
  std::optional<std::filesystem::path> folder;
  for (const std::string& model : models) {
    if (!is_openface_folder(model)) continue;
    if (method != ActionUnitMethod::openface) {
      return fail(ErrorCode::invalid_argument,
                  "--model '" + model + "': a folder with OpenFace's models needs --au openface");
    }
    folder = model.substr(kFolderOption.size());
  }
  return folder;
}

TaskSet with_openface(const TaskSet& asked) {
  TaskSet tasks;
  for (const TaskName task : kTaskNames) {
    if (asked.contains(task) && task != TaskName::action_units) tasks.insert(task);
  }
  tasks.insert(TaskName::landmarks);
  tasks = tasks.closure();
  tasks.insert(TaskName::action_units);
  return tasks;
}

}  // namespace retinue
