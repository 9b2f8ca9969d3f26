/// Imported graphs kept between runs. Private to this module.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/model_source.hpp"
#include "models/model_task.hpp"
#include "models/sha256.hpp"

namespace retinue {

struct CachedImport {
  std::vector<std::byte> graph;
  std::string note;  ///< Empty, or why the graph could not be kept.
};

/// Keeps `imported/<hash of the source>-<recipe>-<task>.onnx` with its own hash beside it in
/// `.sha256`, so that a damaged file is noticed and made again. Processes may share the folder: all
/// would write the same bytes.
class ImportCache {
 public:
  /// `cache_folder` may be empty: nothing is kept.
  explicit ImportCache(const std::filesystem::path& cache_folder);

  /// True if a whole imported graph of this source is there.
  bool holds(const Sha256& source, ModelTask task) const;

  /// The imported graph of `model` or of a model in it, whose import_key is `source`, with the
  /// outputs that its family for `task` reads; imports it if need be. A folder that cannot be
  /// written is not an error.
  ///
  /// Errors  those of onnx_form, import_model and recognise_family.
  Result<CachedImport> import(const ModelSource& model, std::string_view member,
                              const Sha256& source, ModelTask task) const;

 private:
  std::filesystem::path path_of(const Sha256& source, ModelTask task) const;
  static Result<std::vector<std::byte>> read(const std::filesystem::path& path);

  std::filesystem::path folder_;
};

}  // namespace retinue
