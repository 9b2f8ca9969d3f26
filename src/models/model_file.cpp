#include "models/model_file.hpp"

#include <utility>

#include "models/file_bytes.hpp"
#include "models/import_cache.hpp"

namespace retinue {
namespace {

/// Imports and recognises a file's bytes.
Result<ModelFile> load(const ModelStore& store, const std::filesystem::path& path, ModelTask task) {
  const std::vector<std::byte> bytes = TRY(read_file(path));
  ModelFile file;
  file.path = path;
  file.source_sha256 = sha256_of(bytes);
  const ImportCache cache(store.settings().cache_folder);
  CachedImport imported = TRY(cache.import(bytes, file.source_sha256));
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
  Result<ModelFile> file = load(store, stored.path, entry.task);
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
  Result<ModelFile> file = load(store, path, task);
  if (!file) {
    return tl::unexpected(
        in_context(std::move(file).error(), "loading model '" + path.string() + "'"));
  }
  if (const ModelEntry* entry = Catalogue::builtin().find(file->source_sha256)) {
    file->entry = *entry;
  }
  return file;
}

}  // namespace retinue
