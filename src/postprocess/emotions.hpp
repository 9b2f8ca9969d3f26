/// Outputs of nets for FER2013's seven emotions.
#pragma once

#include "base/result.hpp"
#include "perception/emotion.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// `output`: f32 with 7 numbers in the order of kEmotionNames: probabilities, or logits, which pass
/// a softmax here. They are told apart by their values: none below 0 and a sum of 1, to a
/// thousandth, are probabilities.
///
/// Goodfellow et al., "Challenges in Representation Learning: A report on three machine learning
/// contests", ICONIP 2013.
///
/// Errors  invalid_argument: another number or type; corrupt_input: numbers that are not finite.
Result<Emotions> read_emotions(const TensorView& output);

}  // namespace retinue
