#include "postprocess/yolox.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace retinue {

namespace {

constexpr std::string_view kModel = "yolox";
constexpr std::array kStrides = {8, 16, 32};

}  // namespace

Result<void> yolox_persons(std::span<const TensorView> outputs, Size input_size,
                           const PersonDetectionSettings& settings,
                           std::vector<PersonDetection>& persons) {
  persons.clear();
  TRY(check_output_count(outputs, 1, kModel));
  const Shape& shape = outputs[0].shape;
  const std::int64_t values = shape.rank() == 0 ? 0 : shape[shape.rank() - 1];
  if (values < 6 + static_cast<std::int64_t>(settings.person_class)) {
    return fail(ErrorCode::invalid_argument,
                "reading an output of yolox: found " + to_string(shape) +
                    ", need box, objectness and the class of persons for each cell");
  }
  std::int64_t count = 0;
  for (const int stride : kStrides)
    count += std::int64_t{cells(input_size.width, stride)} * cells(input_size.height, stride);
  std::span<const float> rest = TRY(floats_of(outputs[0], count * values, kModel));
  const auto step = static_cast<std::size_t>(values);
  for (const int stride : kStrides) {
    const int columns = cells(input_size.width, stride);
    const int rows = cells(input_size.height, stride);
    const auto s = static_cast<float>(stride);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const std::span<const float> cell = rest.first(step);
        rest = rest.subspan(step);
        const float score = cell[4] * cell[5 + settings.person_class];
        // A score that is not a number goes on, to be refused with its box.
        if (score < settings.min_score) continue;
        persons.push_back({.score = score,
                           .box = centered_box((static_cast<float>(column) + cell[0]) * s,
                                               (static_cast<float>(row) + cell[1]) * s,
                                               std::exp(cell[2]) * s, std::exp(cell[3]) * s),
                           .keypoints = {}});
      }
    }
  }
  return keep_best(persons, settings, kModel);
}

}  // namespace retinue
