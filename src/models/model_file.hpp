/// A model ready to be run: found or fetched, verified, recognised and imported.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "models/catalogue.hpp"
#include "models/model_family.hpp"
#include "models/model_signature.hpp"
#include "models/model_source.hpp"
#include "models/model_store.hpp"
#include "models/sha256.hpp"

namespace retinue {

struct ModelFile {
  std::vector<std::byte> graph;  ///< The imported ONNX file.
  ModelFamily family = ModelFamily::yunet;
  ModelSignature signature;    ///< Of `graph`: float32, batch axis open where it could be.
  std::filesystem::path path;  ///< The source file.
  Sha256 source_sha256;        ///< Of the source file.
  ModelFormat format = ModelFormat::onnx;  ///< Of the source file.
  std::optional<ModelEntry> entry;         ///< Absent: a file that the catalogue does not know.
  std::vector<std::string> notes;  ///< What went otherwise than asked, as an unwritable cache.
};

/// Loads a model of the catalogue, fetching it if need be.
///
/// Errors  those of ModelStore::fetch and import_model.
Result<ModelFile> load_model(const ModelStore& store, const ModelEntry& entry,
                             const PullOptions& options = {});

/// Loads a user's own file for `task`, of any ModelFormat; of a bundle the model for this task. The
/// imported graph is cached like any other.
///
/// Errors  not_found, unavailable: the file, or the second one of an OpenVINO model, cannot be
/// read.
///         corrupt_input: it is no whole model. unsupported: its inputs and outputs are not those
///         of a family of this task, or those of onnx_form.
Result<ModelFile> load_model(const ModelStore& store, const std::filesystem::path& path,
                             ModelTask task);

}  // namespace retinue
