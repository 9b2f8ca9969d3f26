/// What `retinue models list`, `verify` and `show` say about models.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/catalogue.hpp"
#include "models/model_signature.hpp"
#include "models/model_source.hpp"
#include "models/model_store.hpp"
#include "models/sha256.hpp"

namespace retinue {

enum class ModelState {
  missing,   ///< Has to be pulled.
  mirror,    ///< In the mirror folder, not yet imported.
  cached,    ///< In the user's cache, not yet imported.
  imported,  ///< Its imported graph is in the user's cache: ready.
  invalid,   ///< A file is there, with another hash.
};

std::string_view name_of(ModelState state);

struct ModelListing {
  ModelEntry entry;
  ModelState state = ModelState::missing;
  std::filesystem::path path;  ///< Of the source file; empty: missing.
  std::string problem;         ///< Of an invalid file: what was expected and found.
};

/// Every model of the catalogue, in its order. Hashes the files that are there.
std::vector<ModelListing> list_models(const Catalogue& catalogue, const ModelStore& store);

struct CollectionListing {
  ModelCollection collection;
  /// Nothing of a collection is imported: with all its files here it is in the mirror or cached.
  ModelState state = ModelState::missing;
  std::string problem;  ///< Of an invalid file: what was expected and found.
};

/// Every collection of the catalogue, in its order.
std::vector<CollectionListing> list_collections(const Catalogue& catalogue,
                                                const ModelStore& store);

/// One model or file in full.
struct ModelDescription {
  std::filesystem::path path;
  Sha256 sha256;
  ModelFormat format = ModelFormat::onnx;
  std::string member;                 ///< Name in a bundle; empty: the file itself.
  ModelSignature signature;           ///< As in the file's ONNX form, before import.
  std::optional<ModelFamily> family;  ///< Absent: no family knows it.
  std::optional<ModelTask> task;      ///< What the family does.
  std::vector<std::string> because;   ///< What the family was recognised by; empty without one.
  std::vector<std::string> reasons;   ///< Per task, why the file is not of it; empty with a family.
  std::vector<std::string> changes;   ///< What the import does to it.
  std::vector<std::string> kept;      ///< What it leaves as it is, and why.
  std::optional<ModelEntry> entry;    ///< Absent: not in the catalogue.
  /// The models of a bundle, or why one cannot be read. All of the above but path, hash, format and
  /// entry is then empty.
  std::vector<Result<ModelDescription>> members;
};

/// `name_or_path` is a catalogue name or a file. Fetches nothing.
///
/// Errors  not_found: neither a file nor a name in the catalogue, or a model not yet pulled.
///         Others as onnx_form and import_model.
Result<ModelDescription> describe_model(const Catalogue& catalogue, const ModelStore& store,
                                        std::string_view name_or_path);

}  // namespace retinue
