#include "models/model_file.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "models/import_cache.hpp"

namespace retinue {
namespace {

/// Where a model's bytes are.
struct Location {
  std::filesystem::path path;
  std::optional<std::filesystem::path> companion_path;
  std::string_view member;  ///< Used only of a bundle.
};

/// Imports and recognises a file's bytes.
Result<ModelFile> load(const ModelStore& store, const Location& location, ModelTask task) {
  const ModelSource source = TRY(read_model_source(location.path, location.companion_path));
  ModelFile file;
  file.path = location.path;
  file.format = source.format;
  file.source_sha256 = sha256_of(source.bytes);
  const std::string_view member =
      source.format == ModelFormat::bundle ? location.member : std::string_view();
  std::optional<Sha256> weights;
  if (source.format == ModelFormat::openvino) weights = sha256_of(source.weights);
  const ImportCache cache(store.settings().cache_folder);
  CachedImport imported =
      TRY(cache.import(source, member, import_key(file.source_sha256, weights, member), task));
  file.signature = TRY(read_signature(imported.graph));
  file.family = TRY(recognise_family(file.signature, task));
  file.graph = std::move(imported.graph);
  if (!imported.note.empty()) file.notes.push_back(std::move(imported.note));
  return file;
}

Error in_context(Error error, const std::string& doing) {
  return std::move(error).with_context(doing);
}

}  // namespace

Result<ModelFile> load_model(const ModelStore& store, const ModelEntry& entry,
                             const PullOptions& options) {
  const StoredModel stored = TRY(store.fetch(entry, options));
  Location location{.path = stored.path, .companion_path = {}, .member = entry.member};
  if (!stored.companion_path.empty()) location.companion_path = stored.companion_path;
  Result<ModelFile> file = load(store, location, entry.task);
  if (!file) {
    return tl::unexpected(
        in_context(std::move(file).error(),
                   "loading model '" + entry.name + "' from '" + stored.path.string() + "'"));
  }
  file->entry = entry;
  return file;
}

Result<ModelFile> load_model(const ModelStore& store, const std::filesystem::path& path,
                             ModelTask task) {
  const Location location{.path = path, .companion_path = {}, .member = bundle_member_for(task)};
  Result<ModelFile> file = load(store, location, task);
  if (!file) {
    return tl::unexpected(
        in_context(std::move(file).error(), "loading model '" + path.string() + "'"));
  }
  if (const ModelEntry* entry = Catalogue::builtin().find(file->source_sha256, task)) {
    file->entry = *entry;
  }
  return file;
}

}  // namespace retinue
