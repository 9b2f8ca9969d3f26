/// Outputs of models that are told apart by how many numbers they have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "tensor/tensor.hpp"

namespace retinue {

/// The first output of float32 with so many numbers; nullopt: there is none.
inline std::optional<std::span<const float>> output_of_size(std::span<const TensorView> outputs,
                                                            std::size_t count) {
  for (const TensorView& output : outputs) {
    if (output.type == ElementType::float32 &&
        output.shape.element_count() == static_cast<std::int64_t>(count)) {
      return output.floats();
    }
  }
  return std::nullopt;
}

}  // namespace retinue
