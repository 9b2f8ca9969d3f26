/// The model catalogue: what can be had, from where, under which licence, with which contract.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/model_family.hpp"
#include "models/model_signature.hpp"
#include "models/model_task.hpp"
#include "models/sha256.hpp"

namespace retinue {

enum class ModelChannelOrder { rgb, bgr };

/// How pixels become the elements of an image input: `(channel − mean) · scale`, channels 0..255
/// before, in `order`, laid out [N, C, H, W].
struct ImageInput {
  ModelChannelOrder order = ModelChannelOrder::rgb;
  std::array<float, 3> mean{};
  std::array<float, 3> scale{1.0F, 1.0F, 1.0F};
};

/// Terms of use of a model's weights.
struct ModelLicence {
  std::string spdx;  ///< SPDX identifier: "Apache-2.0".
  std::string note;  ///< Where upstream says so.
  bool non_commercial = false;
};

/// One file that can be had.
struct CatalogueFile {
  std::string address;      ///< https address of exactly these bytes.
  std::string mirror_path;  ///< Below `models/` of a mirror, with forward slashes.
  Sha256 sha256;
  std::uint64_t size_bytes = 0;
};

/// One model. The tensors are those of the upstream file, before import; of a file that is not
/// ONNX, those of its ONNX form.
struct ModelEntry {
  std::string name;  ///< Unique in its catalogue.
  ModelTask task = ModelTask::faces;
  ModelFamily family = ModelFamily::yunet;
  bool is_default = false;  ///< Used for its task unless the user names another.
  /// https address of exactly these bytes. Empty: nobody publishes them, only mirrors have them;
  /// `notes` says from what they were made.
  std::string address;
  std::string mirror_path;  ///< Below `models/` of a mirror, with forward slashes.
  Sha256 sha256;            ///< Of the upstream file.
  std::uint64_t size_bytes = 0;
  /// A second file without which the model is not whole: the weights beside an OpenVINO graph.
  /// Absent: the model is one file.
  std::optional<CatalogueFile> companion;
  std::string member;  ///< Of a bundle: the model in it. Empty: no bundle.
  ModelLicence licence;
  std::vector<ModelTensor> inputs;
  std::vector<ModelTensor> outputs;
  std::optional<ImageInput> image;  ///< Absent: the input is no picture.
  std::string accuracy;             ///< As published, with its benchmark.
  std::string source;               ///< Paper or model card.
  std::string notes;

  /// Last part of `mirror_path`.
  std::string file_name() const;
};

/// Files that are used together and are no model of the runtime's, under one licence: OpenFace's
/// predictors of action units.
struct ModelCollection {
  std::string name;  ///< Unique among models and collections.
  std::string task;  ///< What it is for, as in `--tasks`.
  ModelLicence licence;
  std::vector<CatalogueFile> files;
  std::string source;  ///< Paper.
  std::string notes;

  std::uint64_t size_bytes() const;  ///< Of all files.
};

/// An immutable list of models and collections. Thread-safe.
class Catalogue {
 public:
  /// The catalogue compiled into this program (`models/catalogue.toml`).
  static const Catalogue& builtin();

  /// `origin` names the text in messages, as "models/catalogue.toml".
  ///
  /// Errors  invalid_argument: "<origin>:<line>: …" for text that is not TOML, a key that is
  ///         missing, unknown or of another type, a name used twice, two defaults of a task, a
  ///         collection without files.
  static Result<Catalogue> parse(std::string_view toml, std::string_view origin);

  std::span<const ModelEntry> entries() const { return entries_; }
  std::span<const ModelCollection> collections() const { return collections_; }

  /// Null: no model of that name or hash. The pointer lives as long as the catalogue.
  const ModelEntry* find(std::string_view name) const;
  const ModelEntry* find(const Sha256& sha256) const;

  /// Likewise, of the models for one task: a bundle's file is several models.
  const ModelEntry* find(const Sha256& sha256, ModelTask task) const;

  /// Null: no collection of that name. Lives as long as the catalogue.
  const ModelCollection* find_collection(std::string_view name) const;

  /// Errors  not_found: the catalogue has no default for the task.
  Result<ModelEntry> default_for(ModelTask task) const;

 private:
  std::vector<ModelEntry> entries_;
  std::vector<ModelCollection> collections_;
};

}  // namespace retinue
