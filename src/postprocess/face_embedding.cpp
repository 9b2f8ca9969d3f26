#include "postprocess/face_embedding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace retinue {

Result<Embedding> read_face_embedding(const TensorView& output) {
  const std::int64_t count = output.shape.element_count();
  if (output.type != ElementType::float32 || count < 1 ||
      count > std::int64_t{Embedding::kMaxLength}) {
    return fail(ErrorCode::invalid_argument,
                "reading an embedding: found " + std::string(name_of(output.type)) +
                    to_string(output.shape) + ", need 1 to 512 of float32");
  }
  const std::span<const float> values = output.floats();
  double square = 0;
  for (const float value : values)
    square += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::sqrt(square);
  if (!std::isfinite(length) || length == 0) {
    return fail(ErrorCode::corrupt_input,
                "reading an embedding: its length is 0 or not finite, so it has no direction");
  }
  std::array<float, Embedding::kMaxLength> unit{};
  std::ranges::transform(values, unit.begin(), [length](float value) {
    return static_cast<float>(static_cast<double>(value) / length);
  });
  return Embedding(std::span(unit).first(values.size()));
}

}  // namespace retinue
