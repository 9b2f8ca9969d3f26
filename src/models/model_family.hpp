/// Model families: models of one family take the same preparation and postprocessing.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "models/model_signature.hpp"
#include "models/model_task.hpp"

namespace retinue {

enum class ModelFamily {
  yunet,  ///< Anchor-free face detector, strides 8, 16, 32, five keypoints.
  /// First output: 478 points (x, y, z) in input pixels. Second output: the presence logit.
  mediapipe_face_mesh,
  mediapipe_blendshapes,  ///< 52 coefficients from 146 mesh points.
};

/// As in the catalogue: "yunet", "mediapipe_face_mesh", "mediapipe_blendshapes".
std::string_view name_of(ModelFamily family);

/// Errors  invalid_argument: not one of the names above.
Result<ModelFamily> parse_model_family(std::string_view name);

/// The family of a model for `task`, told from its inputs and outputs alone.
///
/// Names of tensors are compared only where a family needs them to tell its outputs apart.
/// Works on a file as exported and on an imported one.
///
/// Errors  unsupported: no family of this task has such inputs and outputs; the message says what
///         was found and what would be accepted.
Result<ModelFamily> recognise_family(const ModelSignature& signature, ModelTask task);

}  // namespace retinue
