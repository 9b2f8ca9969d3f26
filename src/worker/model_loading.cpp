#include "worker/model_loading.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "models/catalogue.hpp"
#include "models/model_file.hpp"
#include "models/model_store.hpp"
#include "models/sha256.hpp"

namespace retinue {

namespace {

constexpr std::string_view kOpenFaceCollection = "openface_au";

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

/// Says which models that the user named are not opened: a wrong name in `--model` would be silent.
void warn_of_unused(const RunSettings& settings, const std::vector<LoadedModel>& used,
                    std::optional<ModelTask> both) {
  for (const auto& [task, file] : settings.models) {
    if (std::ranges::find(used, task, &LoadedModel::task) != used.end()) continue;
    const bool covered = both && (task == ModelTask::persons || task == ModelTask::pose);
    log(LogLevel::warning,
        "the model '" + file.string() + "' is not used: " +
            (covered
                 ? "that of '" + std::string(name_of(*both)) + "' finds persons and their points"
                 : "no task of this run needs one for '" + std::string(name_of(task)) + "'"));
  }
}

/// The user's own file for a task, or the catalogue's.
Result<ModelFile> file_for(ModelTask task, const ModelStore& store, const RunSettings& settings,
                           const std::stop_token& stop) {
  const auto chosen = settings.models.find(task);
  if (chosen != settings.models.end()) return load_model(store, chosen->second, task);
  const ModelEntry entry = TRY(Catalogue::builtin().default_for(task));
  return load_model(store, entry, {.progress = {}, .stop = stop});
}

/// In the order in which they run.
Result<std::vector<LoadedModel>> load_sessions(const ModelStore& store, const RunSettings& settings,
                                               const std::stop_token& stop) {
  std::vector<LoadedModel> models;
  const std::optional<ModelTask> both = TRY(task_of_both(store, settings));
  std::vector<ModelTask> tasks = models_for(settings.tasks);
  for (const ModelTask task : optional_models_for(settings.tasks)) {
    if (settings.models.contains(task)) tasks.push_back(task);
  }
  for (const ModelTask task : tasks) {
    if (both && *both != task && (task == ModelTask::persons || task == ModelTask::pose)) continue;
    const ModelFile file = TRY(file_for(task, store, settings, stop));
    for (const std::string& note : file.notes)
      log(LogLevel::warning, note);
    LoadedModel model = TRY(open_model(task, file, {}));
    models.push_back(std::move(model));
  }
  warn_of_unused(settings, models, both);
  return models;
}

/// One hash for all files, in their order.
Result<Sha256> sha256_of_files(const OpenFaceFiles& files) {
  std::string hashes;
  for (const std::filesystem::path& file : files.predictors) {
    const Sha256 hash = TRY(sha256_of_file(file));
    hashes += hash.hex() + "\n";
  }
  const Sha256 shape = TRY(sha256_of_file(files.shape_model));
  hashes += shape.hex() + "\n";
  return sha256_of(std::as_bytes(std::span(hashes)));
}

/// The user's folder, or the catalogue's files.
Result<OpenFaceFiles> openface_files(const ModelStore& store, const RunSettings& settings,
                                     const std::stop_token& stop) {
  if (settings.openface_folder) return find_openface_files(*settings.openface_folder);
  const ModelCollection* collection = Catalogue::builtin().find_collection(kOpenFaceCollection);
  if (collection == nullptr) {
    return fail(ErrorCode::internal,
                "the catalogue has no collection '" + std::string(kOpenFaceCollection) + "'");
  }
  Result<std::vector<StoredModel>> stored =
      store.fetch(*collection, {.progress = {}, .stop = stop});
  if (!stored) {
    return tl::unexpected(std::move(stored).error().with_context(
        "--au openface needs OpenFace's models, or a folder with them in --model "
        "action-units=FOLDER"));
  }
  OpenFaceFiles files{.origin = collection->name, .predictors = {}, .shape_model = {}};
  for (StoredModel& file : *stored) {
    if (file.path.extension() == ".dat") {
      files.predictors.push_back(std::move(file.path));
    } else {
      files.shape_model = std::move(file.path);
    }
  }
  return files;
}

}  // namespace

Result<LoadedModels> load_models(const RunSettings& settings, const std::stop_token& stop) {
  const ModelStore store(ModelStoreSettings::from_environment());
  LoadedModels models;
  if (settings.action_units == ActionUnitMethod::openface &&
      settings.tasks.contains(TaskName::action_units)) {
    // First: they may be refused, which is better known before the others are fetched.
    const OpenFaceFiles files = TRY(openface_files(store, settings, stop));
    OpenFaceModel model = TRY(OpenFaceModel::load(files));
    const Sha256 hash = TRY(sha256_of_files(files));
    models.openface = std::make_shared<const OpenFaceModel>(std::move(model));
    models.reports.push_back(
        {std::string(name_of(TaskName::action_units)), files.origin, hash.hex()});
  }
  models.sessions = TRY(load_sessions(store, settings, stop));
  for (const LoadedModel& model : models.sessions)
    models.reports.push_back({std::string(name_of(model.task)), model.name, model.sha256});
  return models;
}

Result<AnalysisPlan> create_plan(const RunSettings& settings, const LoadedModels& models) {
  return create_plan(settings.tasks, models.sessions,
                     {.detect_size = settings.detect_size,
                      .max_faces = settings.max_faces,
                      .min_score = settings.min_score,
                      .openface = models.openface},
                     {.detect_size = settings.detect_size,
                      .max_persons = settings.max_persons,
                      .min_score = settings.min_score});
}

}  // namespace retinue
