#include "postprocess/gaze_appearance.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <string>

namespace retinue {

namespace {

/// Finite numbers, `count` of them.
Result<std::span<const float>> numbers(const TensorView& tensor, std::int64_t count) {
  if (tensor.type != ElementType::float32 || tensor.shape.element_count() != count) {
    return fail(ErrorCode::invalid_argument,
                "reading a gaze: found " + std::string(name_of(tensor.type)) +
                    to_string(tensor.shape) + ", need " + std::to_string(count) + " of float32");
  }
  const std::span<const float> values = tensor.floats();
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    return fail(ErrorCode::corrupt_input, "reading a gaze: it has numbers that are not finite");
  }
  return values;
}

/// The mean bin number under the softmax of `logits`.
double expected_bin(std::span<const float> logits) {
  const float largest = *std::ranges::max_element(logits);
  double sum = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double weight = std::exp(static_cast<double>(logits[i] - largest));
    sum += weight;
    weighted += weight * static_cast<double>(i);
  }
  return weighted / sum;
}

/// Yaw towards the left edge, pitch upwards.
Direction crop_direction(double yaw_rad, double pitch_rad) {
  return {-std::cos(pitch_rad) * std::sin(yaw_rad), -std::sin(pitch_rad),
          -std::cos(pitch_rad) * std::cos(yaw_rad)};
}

}  // namespace

Result<Direction> read_gaze_bins(const TensorView& yaw, const TensorView& pitch) {
  const bool coarse = yaw.shape.element_count() == 90;
  const std::int64_t bins = coarse ? 90 : 28;
  const std::span<const float> yaw_logits = TRY(numbers(yaw, bins));
  const std::span<const float> pitch_logits = TRY(numbers(pitch, bins));
  const double bin_deg = coarse ? 4 : 3;
  const double first_deg = coarse ? -180 : -42;
  const auto angle_rad = [&](std::span<const float> logits) {
    return (expected_bin(logits) * bin_deg + first_deg) * std::numbers::pi / 180;
  };
  return crop_direction(angle_rad(yaw_logits), angle_rad(pitch_logits));
}

Result<Direction> read_gaze_angles(const TensorView& output) {
  const std::span<const float> angles_rad = TRY(numbers(output, 2));
  return crop_direction(static_cast<double>(angles_rad[1]), static_cast<double>(angles_rad[0]));
}

Result<Direction> read_gaze360(const TensorView& output) {
  const std::span<const float> angles_rad = TRY(numbers(output, 3));
  return crop_direction(static_cast<double>(angles_rad[0]), static_cast<double>(angles_rad[1]));
}

}  // namespace retinue
