/// The numbers in a model's outputs, checked.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// The numbers of one output.
///
/// Errors  invalid_argument: another type, or another number of elements than `count`.
Result<std::span<const float>> floats_of(const TensorView& output, std::int64_t count,
                                         std::string_view model);

/// Errors  invalid_argument: another number of outputs than `count`.
Result<void> check_output_count(std::span<const TensorView> outputs, std::size_t count,
                                std::string_view model);

/// Of models whose outputs are told apart by how many numbers they have: the first output of
/// float32 with so many; nullopt: there is none.
std::optional<std::span<const float>> output_of_size(std::span<const TensorView> outputs,
                                                     std::size_t count);

/// Of a logit. Beyond ±100 it is 0 or 1 in float32.
inline float sigmoid(float logit) {
  return 1 / (1 + std::exp(-logit));
}

/// Columns or rows of a map of this stride, the last of which may reach over the input's edge.
constexpr int cells(int pixels, int stride) {
  return (pixels + stride - 1) / stride;
}

}  // namespace retinue
