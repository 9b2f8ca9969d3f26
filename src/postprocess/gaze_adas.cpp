#include "postprocess/gaze_adas.hpp"

#include <cmath>

namespace retinue {

namespace {

Result<void> check(const TensorView& tensor, const char* doing) {
  if (tensor.type == ElementType::float32 && tensor.shape.element_count() == 3) return {};
  return fail(ErrorCode::invalid_argument, std::string(doing) + ": found " +
                                               std::string(name_of(tensor.type)) +
                                               to_string(tensor.shape) + ", need 3 of float32");
}

}  // namespace

Result<void> write_gaze_adas_angles(const HeadPose& head, TensorView input) {
  TRY(check(input, "writing the head's angles"));
  const std::span<float> angles_deg = input.floats();
  angles_deg[0] = head.yaw_deg;
  angles_deg[1] = -head.pitch_deg;
  angles_deg[2] = 0;
  return {};
}

Result<Direction> read_gaze_adas(const TensorView& output) {
  TRY(check(output, "reading a gaze vector"));
  const std::span<const float> vector = output.floats();
  const auto x = static_cast<double>(vector[0]);
  const auto y = static_cast<double>(vector[1]);
  const auto z = static_cast<double>(vector[2]);
  const double length = std::hypot(x, y, z);
  constexpr double kShortest = 1e-6;
  if (!std::isfinite(length) || length < kShortest) {
    return fail(ErrorCode::corrupt_input, "reading a gaze vector: it has no direction");
  }
  return Direction{x / length, -y / length, z / length};
}

}  // namespace retinue
