/// The options of action units: `--au` and `--model action-units=FOLDER`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "perception/task_set.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

/// Errors  invalid_argument: neither blendshapes nor openface.
Result<ActionUnitMethod> parse_action_unit_method(const std::string& text);

/// Whether a `--model` names a folder with OpenFace's models instead of a file.
bool is_openface_folder(std::string_view model);

/// The folder that one of the `--model` options names, if any does.
///
/// Errors  invalid_argument: there is one, and action units are not measured by OpenFace's chain.
Result<std::optional<std::filesystem::path>> parse_openface_folder(
    const std::vector<std::string>& models, ActionUnitMethod method);

/// `asked` and what it needs where OpenFace's chain measures the action units: those, which it asks
/// for, and no blendshapes unless they are asked for.
TaskSet with_openface(const TaskSet& asked);

}  // namespace retinue
