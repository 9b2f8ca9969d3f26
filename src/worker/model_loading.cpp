#include "worker/model_loading.hpp"

#include <optional>
#include <utility>

#include "base/log.hpp"
#include "models/model_file.hpp"

namespace retinue {

namespace {

/// The task whose model, named by the user, finds persons and their points, so that the other needs
/// none.
///
/// Errors  those of load_model.
Result<std::optional<ModelTask>> task_of_both(const ModelStore& store,
                                              const RunSettings& settings) {
  if (!settings.tasks.contains(TaskName::pose)) return std::nullopt;
  for (const ModelTask task : {ModelTask::pose, ModelTask::persons}) {
    const auto chosen = settings.models.find(task);
    if (chosen == settings.models.end()) continue;
    const ModelFile file = TRY(load_model(store, chosen->second, task));
    if (finds_persons_and_points(file.family)) return task;
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<LoadedModel>> load_models(const RunSettings& settings,
                                             const std::stop_token& stop) {
  const ModelStore store(ModelStoreSettings::from_environment());
  std::vector<LoadedModel> models;
  const std::optional<ModelTask> both = TRY(task_of_both(store, settings));
  std::vector<ModelTask> tasks = models_for(settings.tasks);
  for (const ModelTask task : optional_models_for(settings.tasks)) {
    if (settings.models.contains(task)) tasks.push_back(task);
  }
  for (const ModelTask task : tasks) {
    if (both && *both != task && (task == ModelTask::persons || task == ModelTask::pose)) continue;
    const auto chosen = settings.models.find(task);
    ModelFile file;
    if (chosen != settings.models.end()) {
      file = TRY(load_model(store, chosen->second, task));
    } else {
      const ModelEntry entry = TRY(Catalogue::builtin().default_for(task));
      file = TRY(load_model(store, entry, {.progress = {}, .stop = stop}));
    }
    for (const std::string& note : file.notes)
      log(LogLevel::warning, note);
    LoadedModel model = TRY(open_model(task, file, {}));
    models.push_back(std::move(model));
  }
  return models;
}

Result<AnalysisPlan> create_plan(const RunSettings& settings,
                                 const std::vector<LoadedModel>& models) {
  return create_plan(settings.tasks, models,
                     {.detect_size = settings.detect_size,
                      .max_faces = settings.max_faces,
                      .min_score = settings.min_score},
                     {.detect_size = settings.detect_size,
                      .max_persons = settings.max_persons,
                      .min_score = settings.min_score});
}

}  // namespace retinue
