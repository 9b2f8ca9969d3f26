#include "postprocess/emotions.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace retinue {

namespace {

float sum_of(const Emotions& values) {
  return std::accumulate(values.begin(), values.end(), 0.0F);
}

bool are_probabilities(const Emotions& values) {
  constexpr float kTolerance = 1e-3F;
  return std::ranges::all_of(values, [](float value) { return value >= 0; }) &&
         std::abs(sum_of(values) - 1) <= kTolerance;
}

}  // namespace

Result<Emotions> read_emotions(const TensorView& output) {
  Emotions values{};
  if (output.type != ElementType::float32 ||
      output.shape.element_count() != static_cast<std::int64_t>(values.size())) {
    return fail(ErrorCode::invalid_argument, "reading emotions: found " +
                                                 std::string(name_of(output.type)) +
                                                 to_string(output.shape) + ", need 7 of float32");
  }
  std::ranges::copy(output.floats(), values.begin());
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    return fail(ErrorCode::corrupt_input,
                "reading emotions: they have numbers that are not finite");
  }
  if (!are_probabilities(values)) {
    const float greatest = *std::ranges::max_element(values);
    for (float& value : values)
      value = std::exp(value - greatest);
  }
  const float sum = sum_of(values);
  for (float& value : values)
    value /= sum;
  return values;
}

}  // namespace retinue
