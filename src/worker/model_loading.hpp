/// From the settings of a run to sessions.
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.hpp"
#include "task/task_list.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

/// Finds, fetches, checks and opens the models that the tasks need, in the order in which they run.
///
/// Errors  those of load_model and open_model.
Result<std::vector<LoadedModel>> load_models(const RunSettings& settings,
                                             const std::stop_token& stop);

/// The steps that the settings ask for.
///
/// Errors  those of create_plan of the tasks.
Result<AnalysisPlan> create_plan(const RunSettings& settings,
                                 const std::vector<LoadedModel>& models);

}  // namespace retinue
