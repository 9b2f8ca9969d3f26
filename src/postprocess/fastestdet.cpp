#include "postprocess/fastestdet.hpp"

#include <cmath>
#include <string_view>

namespace retinue {

namespace {

constexpr std::string_view kModel = "fastestdet";

}  // namespace

Result<void> fastestdet_persons(std::span<const TensorView> outputs, Size input_size,
                                const PersonDetectionSettings& settings,
                                std::vector<PersonDetection>& persons) {
  persons.clear();
  TRY(check_output_count(outputs, 1, kModel));
  const Shape& shape = outputs[0].shape;
  if (shape.rank() != 4 || shape[0] != 1 ||
      shape[1] < 6 + static_cast<std::int64_t>(settings.person_class)) {
    return fail(ErrorCode::invalid_argument, "reading an output of fastestdet: found " +
                                                 to_string(shape) +
                                                 ", need [1, 5 + classes, H, W]");
  }
  const auto rows = static_cast<std::size_t>(shape[2]);
  const auto columns = static_cast<std::size_t>(shape[3]);
  const std::span<const float> values = TRY(floats_of(outputs[0], shape.element_count(), kModel));
  const std::size_t plane = rows * columns;
  const auto width = static_cast<float>(input_size.width);
  const auto height = static_cast<float>(input_size.height);
  for (std::size_t cell = 0; cell < plane; ++cell) {
    const auto value = [&](std::size_t channel) { return values[channel * plane + cell]; };
    const float score = std::pow(value(0), 0.6F) * std::pow(value(5 + settings.person_class), 0.4F);
    // A score that is not a number goes on, to be refused with its box.
    if (score < settings.min_score) continue;
    const std::size_t row = cell / columns;
    const std::size_t column = cell - row * columns;
    const float x =
        (static_cast<float>(column) + std::tanh(value(1))) / static_cast<float>(columns);
    const float y = (static_cast<float>(row) + std::tanh(value(2))) / static_cast<float>(rows);
    persons.push_back({.score = score,
                       .box = centered_box(x * width, y * height, sigmoid(value(3)) * width,
                                           sigmoid(value(4)) * height),
                       .keypoints = {}});
  }
  return keep_best(persons, settings, kModel);
}

}  // namespace retinue
