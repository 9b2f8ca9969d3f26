/// Outputs of nets that tell persons apart by their faces.
#pragma once

#include "base/result.hpp"
#include "perception/embedding.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// `output`: f32, at most Embedding::kMaxLength numbers, of any length; brought to length 1, which
/// is all that an angular margin leaves of a vector (Deng et al., "ArcFace", CVPR 2019).
///
/// Errors  invalid_argument: another number or type; corrupt_input: numbers that are not finite, or
///         all 0.
Result<Embedding> read_face_embedding(const TensorView& output);

}  // namespace retinue
