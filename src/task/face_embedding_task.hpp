/// The task "embedding": a vector for each face, near those of the same person.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "task/step.hpp"

namespace retinue {

/// For models of the family arcface. The face is aligned by its five keypoints
/// (face/arcface_alignment.hpp); RGB, -1..1, as InsightFace's nets were trained.
///
/// Errors  unsupported: another input.
Result<std::unique_ptr<Step>> create_face_embedding(std::shared_ptr<const Session> session);

}  // namespace retinue
