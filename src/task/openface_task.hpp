/// The task "action-units" by OpenFace's chain: what its predictors look at, of each face.
#pragma once

#include <memory>

#include "face/openface_model.hpp"
#include "task/step.hpp"

namespace retinue {

/// Fits the shape model to the 68 points of each face that has a mesh (kMeshOfIbug), and says where
/// its aligned picture is. Arithmetic only.
std::unique_ptr<Step> create_openface_fit(std::shared_ptr<const OpenFaceModel> model);

/// Behind it: samples each aligned picture and sets `openface` of its face. A picture's predictors
/// are static ones; of a video's frames the median is not taken off yet (OpenFaceEstimator).
std::unique_ptr<Step> create_openface_measurement(std::shared_ptr<const OpenFaceModel> model);

}  // namespace retinue
