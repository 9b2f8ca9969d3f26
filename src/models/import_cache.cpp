#include "models/import_cache.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/file_bytes.hpp"
#include "models/import.hpp"
#include "models/model_family.hpp"
#include "models/model_signature.hpp"

namespace retinue {
namespace {

std::filesystem::path hash_path_of(std::filesystem::path path) {
  return path += ".sha256";
}

Result<void> write(const std::filesystem::path& path, std::span<const std::byte> graph) {
  TRY(write_file_atomically(path, graph));
  const std::string hash = sha256_of(graph).hex();
  return write_file_atomically(hash_path_of(path), std::as_bytes(std::span(hash)));
}

}  // namespace

ImportCache::ImportCache(const std::filesystem::path& cache_folder)
    : folder_(cache_folder.empty() ? cache_folder : cache_folder / "imported") {}

std::filesystem::path ImportCache::path_of(const Sha256& source, ModelTask task) const {
  return folder_ / (source.hex() + "-" + std::string(kImportRecipe) + "-" +
                    std::string(name_of(task)) + ".onnx");
}

Result<std::vector<std::byte>> ImportCache::read(const std::filesystem::path& path) {
  const std::vector<std::byte> recorded = TRY(read_file(hash_path_of(path)));
  std::vector<std::byte> graph = TRY(read_file(path));
  const std::string found = sha256_of(graph).hex();
  if (!std::ranges::equal(recorded, std::as_bytes(std::span(found)))) {
    return fail(ErrorCode::corrupt_input, "'" + path.string() + "' is damaged");
  }
  return graph;
}

bool ImportCache::holds(const Sha256& source, ModelTask task) const {
  return !folder_.empty() && read(path_of(source, task)).has_value();
}

Result<CachedImport> ImportCache::import(const ModelSource& model, std::string_view member,
                                         const Sha256& source, ModelTask task) const {
  if (!folder_.empty()) {
    Result<std::vector<std::byte>> cached = read(path_of(source, task));
    if (cached) return CachedImport{.graph = *std::move(cached), .note = {}};
  }
  const std::vector<std::byte> onnx = TRY(onnx_form(model, member));
  const ModelSignature signature = TRY(read_signature(onnx));
  const ModelFamily family = TRY(recognise_family(signature, task));
  ImportedModel imported = TRY(import_model(onnx, outputs_read(family, signature)));
  CachedImport result{.graph = std::move(imported.graph), .note = {}};
  if (folder_.empty()) return result;
  const Result<void> written = write(path_of(source, task), result.graph);
  if (!written) {
    result.note = "the imported model is not kept for the next run: " + written.error().message();
  }
  return result;
}

}  // namespace retinue
