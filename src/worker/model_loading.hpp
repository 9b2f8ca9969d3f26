/// From the settings of a run to the steps of its frames.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "base/result.hpp"
#include "face/openface_model.hpp"
#include "task/task_list.hpp"
#include "worker/run_report.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

struct LoadedModels {
  std::vector<LoadedModel> sessions;  ///< In the order in which they run.
  /// Null: action units are not measured by OpenFace's chain.
  std::shared_ptr<const OpenFaceModel> openface;
  std::vector<ModelReport> reports;  ///< Of all.
};

/// Finds, fetches, checks and opens the models that the tasks need.
///
/// Errors  those of load_model, open_model, ModelStore::fetch and OpenFaceModel::load.
Result<LoadedModels> load_models(const RunSettings& settings, const std::stop_token& stop);

/// The steps that the settings ask for.
///
/// Errors  those of create_plan of the tasks.
Result<AnalysisPlan> create_plan(const RunSettings& settings, const LoadedModels& models);

}  // namespace retinue
