/// What families of models ask of a signature. Private to this module.
#pragma once

#include "models/model_signature.hpp"

namespace retinue {

inline bool is_float(const ModelTensor& tensor) {
  return tensor.element == ModelElementType::float32 || tensor.element == ModelElementType::float16;
}

/// One input [N, 3, H, W].
inline bool takes_planar_picture(const ModelSignature& signature) {
  if (signature.inputs.size() != 1) return false;
  const ModelTensor& input = signature.inputs.front();
  return is_float(input) && input.axes.size() == 4 && input.axes[1].size == 3;
}

}  // namespace retinue
