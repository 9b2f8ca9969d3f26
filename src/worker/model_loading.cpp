#include "worker/model_loading.hpp"

#include <utility>

#include "base/log.hpp"
#include "models/model_file.hpp"

namespace retinue {

Result<std::vector<LoadedModel>> load_models(const RunSettings& settings,
                                             const std::stop_token& stop) {
  const ModelStore store(ModelStoreSettings::from_environment());
  std::vector<LoadedModel> models;
  for (const ModelTask task : models_for(settings.tasks)) {
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

}  // namespace retinue
