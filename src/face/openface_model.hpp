/// The files of OpenFace's chain, read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "face/openface_predictors.hpp"
#include "face/shape_model.hpp"

namespace retinue {

/// Where the files are.
struct OpenFaceFiles {
  std::string origin;  ///< Names them all in messages.
  std::vector<std::filesystem::path> predictors;
  std::filesystem::path shape_model;
};

/// In a user's folder: `svr_combined` and `svm_combined` with predictors in it or in its
/// `AU_predictors`, as OpenFace has them; a shape model, a file whose name has "PDM_68" in it and
/// that ends in .txt or .mat (in any case), in either of these, in `pdms` or beside it.
///
/// Errors  not_found: no such folder, or something of the above is not there.
Result<OpenFaceFiles> find_openface_files(const std::filesystem::path& folder);

/// Immutable; reentrant.
struct OpenFaceModel {
  ShapeModel shape;
  OpenFacePredictors predictors;

  /// Errors  those of OpenFacePredictors::read and ShapeModel::read.
  static Result<OpenFaceModel> load(const OpenFaceFiles& files);
};

}  // namespace retinue
