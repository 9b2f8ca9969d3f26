#include "postprocess/nanodet.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace retinue {

namespace {

constexpr std::string_view kModel = "nanodet";
constexpr std::size_t kBinCount = 8;  // reg_max 7

/// The mean of the softmax distribution over 0, 1, … 7 that these logits are.
float mean_of(std::span<const float> logits) {
  const float greatest = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  float weighted = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float weight = std::exp(logits[i] - greatest);
    sum += weight;
    weighted += weight * static_cast<float>(i);
  }
  return weighted / sum;
}

}  // namespace

Result<void> nanodet_persons(std::span<const TensorView> outputs, Size input_size,
                             const PersonDetectionSettings& settings,
                             std::vector<PersonDetection>& persons) {
  persons.clear();
  const std::size_t levels = outputs.size() / 2;
  if (outputs.size() % 2 != 0 || levels < 3 || levels > 4) {
    return fail(ErrorCode::invalid_argument, "reading the outputs of nanodet: found " +
                                                 std::to_string(outputs.size()) + ", need 6 or 8");
  }
  for (std::size_t level = 0; level < levels; ++level) {
    const int stride = 8 << level;
    const int columns = cells(input_size.width, stride);
    const std::int64_t count = std::int64_t{columns} * cells(input_size.height, stride);
    const Shape& shape = outputs[level].shape;
    const std::int64_t classes = shape.rank() == 0 ? 0 : shape[shape.rank() - 1];
    if (classes <= static_cast<std::int64_t>(settings.person_class)) {
      return fail(ErrorCode::invalid_argument, "reading an output of nanodet: found " +
                                                   to_string(shape) + ", need scores of classes");
    }
    const std::span<const float> scores = TRY(floats_of(outputs[level], count * classes, kModel));
    const std::span<const float> distances =
        TRY(floats_of(outputs[levels + level], count * 4 * std::int64_t{kBinCount}, kModel));
    for (std::size_t cell = 0; cell < static_cast<std::size_t>(count); ++cell) {
      const float score = scores[cell * static_cast<std::size_t>(classes) + settings.person_class];
      // A score that is not a number goes on, to be refused with its box.
      if (score < settings.min_score) continue;
      const std::size_t row = cell / static_cast<std::size_t>(columns);
      const std::size_t column = cell - row * static_cast<std::size_t>(columns);
      const auto s = static_cast<float>(stride);
      const float x = (static_cast<float>(column) + 0.5F) * s;
      const float y = (static_cast<float>(row) + 0.5F) * s;
      std::array<float, 4> sides{};
      for (std::size_t side = 0; side < 4; ++side)
        sides[side] = mean_of(distances.subspan((cell * 4 + side) * kBinCount, kBinCount)) * s;
      persons.push_back(
          {.score = score,
           .box = {x - sides[0], y - sides[1], sides[0] + sides[2], sides[1] + sides[3]},
           .keypoints = {}});
    }
  }
  return keep_best(persons, settings, kModel);
}

}  // namespace retinue
