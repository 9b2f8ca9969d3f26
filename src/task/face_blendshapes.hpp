/// The task "blendshapes": 52 expression coefficients of each face that has landmarks.
#pragma once

#include <memory>

#include "task/step.hpp"

namespace retinue {

/// For models of the family mediapipe_blendshapes.
std::unique_ptr<Step> create_face_blendshapes(std::shared_ptr<const Session> session);

}  // namespace retinue
