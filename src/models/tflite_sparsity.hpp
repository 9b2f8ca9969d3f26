/// Sparse tensors of TensorFlow Lite. Private to this module.
#pragma once

#include <cstddef>

#include "models/tflite_model.hpp"

namespace retinue {

/// Puts the zeros back into the stored elements of a tensor, `count` of them then in all. False:
/// the storage contradicts the shape.
bool densify(const TfliteTensor& tensor, std::size_t count, ConstantTensor& stored);

}  // namespace retinue
