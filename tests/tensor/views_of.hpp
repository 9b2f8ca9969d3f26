/// Several tensors as a model's outputs are handed on.
#pragma once

#include <vector>

#include "tensor/tensor.hpp"

namespace retinue {

/// Borrows the tensors' memory.
inline std::vector<TensorView> views_of(const std::vector<Tensor>& tensors) {
  std::vector<TensorView> views;
  views.reserve(tensors.size());
  for (const Tensor& tensor : tensors)
    views.push_back(tensor.view());
  return views;
}

}  // namespace retinue
