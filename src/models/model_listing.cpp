#include "models/model_listing.hpp"

#include <span>
#include <system_error>
#include <utility>

#include "models/class_names.hpp"
#include "models/file_bytes.hpp"
#include "models/import.hpp"
#include "models/import_cache.hpp"

namespace retinue {
namespace {

namespace fs = std::filesystem;

ModelListing list_model(const ModelEntry& entry, const ModelStore& store,
                        const ImportCache& imports) {
  ModelListing listing{.entry = entry, .state = ModelState::missing, .path = {}, .problem = {}};
  const Result<std::optional<StoredModel>> found = store.find(entry);
  if (!found) {
    listing.state = ModelState::invalid;
    listing.problem = found.error().message();
  } else if (*found) {
    listing.path = (*found)->path;
    listing.state =
        (*found)->origin == ModelOrigin::mirror ? ModelState::mirror : ModelState::cached;
    if (imports.holds(entry.sha256)) listing.state = ModelState::imported;
  }
  return listing;
}

/// The file that a name or a path stands for.
Result<fs::path> resolve(const Catalogue& catalogue, const ModelStore& store,
                         std::string_view name_or_path) {
  if (const ModelEntry* entry = catalogue.find(name_or_path)) {
    const std::optional<StoredModel> stored = TRY(store.find(*entry));
    if (stored) return stored->path;
    return fail(ErrorCode::not_found, "model '" + entry->name +
                                          "' is not on this machine: `retinue models pull " +
                                          entry->name + "` fetches it");
  }
  std::error_code ignored;
  fs::path path(name_or_path);
  if (fs::exists(path, ignored)) return path;
  return fail(ErrorCode::not_found, "'" + std::string(name_or_path) +
                                        "' is neither a file nor a model of the catalogue "
                                        "(`retinue models list` shows them)");
}

/// What speaks for a family: its contract, and the metadata that were read.
std::vector<std::string> grounds_of(const ModelSignature& signature, ModelFamily family,
                                    ModelTask task) {
  std::vector<std::string> grounds = {contract_of(family)};
  for (const std::string_view key : {"task", "stride", "kpt_shape"}) {
    if (const auto value = metadata_of(signature, key))
      grounds.push_back("metadata " + std::string(key) + " = " + std::string(*value));
  }
  if (task != ModelTask::persons || family == ModelFamily::blazepose_detector) return grounds;
  const std::size_t classes = class_names(signature).size();
  const Result<std::size_t> persons = person_class(signature);
  if (persons) {
    grounds.push_back("class " + std::to_string(*persons) + " is the person, " +
                      (classes == 0
                           ? "as in COCO: the metadata names no classes"
                           : "of the " + std::to_string(classes) + " that the metadata names"));
  }
  return grounds;
}

}  // namespace

std::string_view name_of(ModelState state) {
  switch (state) {
    case ModelState::missing:
      return "missing";
    case ModelState::mirror:
      return "mirror";
    case ModelState::cached:
      return "cached";
    case ModelState::imported:
      return "imported";
    case ModelState::invalid:
      return "invalid";
  }
  return "unknown";
}

std::vector<ModelListing> list_models(const Catalogue& catalogue, const ModelStore& store) {
  const ImportCache imports(store.settings().cache_folder);
  std::vector<ModelListing> listings;
  for (const ModelEntry& entry : catalogue.entries()) {
    listings.push_back(list_model(entry, store, imports));
  }
  return listings;
}

Result<ModelDescription> describe_model(const Catalogue& catalogue, const ModelStore& store,
                                        std::string_view name_or_path) {
  ModelDescription description;
  description.path = TRY(resolve(catalogue, store, name_or_path));
  const std::vector<std::byte> bytes = TRY(read_file(description.path));
  description.sha256 = sha256_of(bytes);
  Result<ImportedModel> imported = import_model(bytes);
  if (!imported) {
    return tl::unexpected(std::move(imported).error().with_context(
        "reading model '" + description.path.string() + "'"));
  }
  description.signature = TRY(read_signature(bytes));
  description.changes = std::move(imported->changes);
  description.kept = std::move(imported->kept);
  for (const ModelTask task : kModelTasks) {
    const Result<ModelFamily> family = recognise_family(description.signature, task);
    if (family) {
      description.family = *family;
      description.task = task;
      description.reasons.clear();
      description.because = grounds_of(description.signature, *family, task);
      break;
    }
    description.reasons.push_back(family.error().message());
  }
  if (const ModelEntry* entry = catalogue.find(description.sha256)) description.entry = *entry;
  return description;
}

}  // namespace retinue
