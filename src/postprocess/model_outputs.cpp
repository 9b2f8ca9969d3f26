#include "postprocess/model_outputs.hpp"

#include <string>

namespace retinue {

Result<std::span<const float>> floats_of(const TensorView& output, std::int64_t count,
                                         std::string_view model) {
  if (output.type != ElementType::float32 || output.shape.element_count() != count) {
    return fail(ErrorCode::invalid_argument, "reading an output of " + std::string(model) +
                                                 ": found " + std::string(name_of(output.type)) +
                                                 to_string(output.shape) + ", need " +
                                                 std::to_string(count) + " of float32");
  }
  return output.floats();
}

Result<void> check_output_count(std::span<const TensorView> outputs, std::size_t count,
                                std::string_view model) {
  if (outputs.size() == count) return {};
  return fail(ErrorCode::invalid_argument, "reading the outputs of " + std::string(model) +
                                               ": found " + std::to_string(outputs.size()) +
                                               ", need " + std::to_string(count));
}

std::optional<std::span<const float>> output_of_size(std::span<const TensorView> outputs,
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
