#include "models/model_listing.hpp"

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "models/class_names.hpp"
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
    std::optional<Sha256> weights;
    if (entry.companion) weights = entry.companion->sha256;
    if (imports.holds(import_key(entry.sha256, weights, entry.member), entry.task)) {
      listing.state = ModelState::imported;
    }
  }
  return listing;
}

/// The file that a name or a path stands for.
Result<StoredModel> resolve(const Catalogue& catalogue, const ModelStore& store,
                            std::string_view name_or_path) {
  if (const ModelEntry* entry = catalogue.find(name_or_path)) {
    const std::optional<StoredModel> stored = TRY(store.find(*entry));
    if (stored) return *stored;
    return fail(ErrorCode::not_found, "model '" + entry->name +
                                          "' is not on this machine: `retinue models pull " +
                                          entry->name + "` fetches it");
  }
  StoredModel file;
  file.path = name_or_path;
  std::error_code ignored;
  if (fs::exists(file.path, ignored)) return file;
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

/// Adds what a model is to what is known about its file.
Result<ModelDescription> describe_source(const ModelSource& source, ModelDescription description) {
  const std::vector<std::byte> onnx = TRY(onnx_form(source, description.member));
  description.signature = TRY(read_signature(onnx));
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
  std::vector<std::string> outputs;
  if (description.family) outputs = outputs_read(*description.family, description.signature);
  ImportedModel imported = TRY(import_model(onnx, outputs));
  description.changes = std::move(imported.changes);
  description.kept = std::move(imported.kept);
  return description;
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

std::vector<CollectionListing> list_collections(const Catalogue& catalogue,
                                                const ModelStore& store) {
  std::vector<CollectionListing> listings;
  for (const ModelCollection& collection : catalogue.collections()) {
    CollectionListing& listing = listings.emplace_back(
        CollectionListing{.collection = collection, .state = ModelState::missing, .problem = {}});
    const Result<std::optional<std::vector<StoredModel>>> found = store.find(collection);
    if (!found) {
      listing.state = ModelState::invalid;
      listing.problem = found.error().message();
    } else if (*found) {
      const bool in_mirror = std::ranges::any_of(
          **found, [](const StoredModel& file) { return file.origin == ModelOrigin::mirror; });
      listing.state = in_mirror ? ModelState::mirror : ModelState::cached;
    }
  }
  return listings;
}

Result<ModelDescription> describe_model(const Catalogue& catalogue, const ModelStore& store,
                                        std::string_view name_or_path) {
  const StoredModel stored = TRY(resolve(catalogue, store, name_or_path));
  std::optional<fs::path> companion;
  if (!stored.companion_path.empty()) companion = stored.companion_path;
  const auto reading = [&](Error error) {
    return tl::unexpected(
        std::move(error).with_context("reading model '" + stored.path.string() + "'"));
  };
  Result<ModelSource> source = read_model_source(stored.path, companion);
  if (!source) return reading(std::move(source).error());
  ModelDescription file;
  file.path = stored.path;
  file.sha256 = sha256_of(source->bytes);
  file.format = source->format;
  if (const ModelEntry* entry = catalogue.find(file.sha256)) file.entry = *entry;
  if (file.format != ModelFormat::bundle) {
    Result<ModelDescription> model = describe_source(*source, file);
    return model ? std::move(model) : reading(std::move(model).error());
  }
  const Result<std::vector<std::string>> members = bundle_members(*source);
  if (!members) return reading(members.error());
  const ModelDescription bundle = file;
  for (const std::string& member : *members) {
    ModelDescription part = bundle;
    part.member = member;
    file.members.push_back(describe_source(*source, std::move(part)));
  }
  return file;
}

}  // namespace retinue
