#include "postprocess/face_mesh.hpp"

#include <algorithm>
#include <cmath>

#include "postprocess/model_outputs.hpp"

namespace retinue {

Result<FaceMesh> face_mesh(const TensorView& points, const TensorView& presence_logit) {
  constexpr ElementType kFloat = ElementType::float32;
  if (points.type != kFloat || presence_logit.type != kFloat ||
      points.shape.element_count() != 3 * std::int64_t{kFaceLandmarkCount} ||
      presence_logit.shape.element_count() != 1) {
    return fail(ErrorCode::invalid_argument,
                "reading a face mesh: found " + std::string(name_of(points.type)) +
                    to_string(points.shape) + " and " + std::string(name_of(presence_logit.type)) +
                    to_string(presence_logit.shape) + ", need 1434 of float32 and 1");
  }
  const std::span<const float> values = points.floats();
  const float logit = presence_logit.floats()[0];
  if (!std::isfinite(logit) ||
      !std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    return fail(ErrorCode::corrupt_input,
                "reading a face mesh: it has numbers that are not finite");
  }
  FaceMesh mesh;
  mesh.presence = sigmoid(logit);
  for (std::size_t i = 0; i < kFaceLandmarkCount; ++i) {
    mesh.landmarks[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
  }
  return mesh;
}

}  // namespace retinue
