#include "postprocess/blendshapes.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

namespace {

constexpr std::array<std::size_t, kBlendshapeLandmarkCount> kLandmarkIndices = {
    0,   1,   4,   5,   6,   7,   8,   10,  13,  14,  17,  21,  33,  37,  39,  40,  46,  52,  53,
    54,  55,  58,  61,  63,  65,  66,  67,  70,  78,  80,  81,  82,  84,  87,  88,  91,  93,  95,
    103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157,
    158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249,
    251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310,
    311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375,
    377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409,
    415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
};

}  // namespace

Result<void> write_blendshape_landmarks(std::span<const Point3<UprightPx>> landmarks,
                                        TensorView input) {
  if (landmarks.size() != kFaceLandmarkCount || input.type != ElementType::float32 ||
      input.shape != Shape{1, kBlendshapeLandmarkCount, 2}) {
    return fail(ErrorCode::invalid_argument,
                "preparing blendshapes: found " + std::to_string(landmarks.size()) +
                    " landmarks and an input " + std::string(name_of(input.type)) +
                    to_string(input.shape) + ", need 478 and float32[1,146,2]");
  }
  const std::span<float> values = input.floats();
  for (std::size_t i = 0; i < kLandmarkIndices.size(); ++i) {
    values[2 * i] = landmarks[kLandmarkIndices[i]].x;
    values[2 * i + 1] = landmarks[kLandmarkIndices[i]].y;
  }
  return {};
}

Result<Blendshapes> read_blendshapes(const TensorView& output) {
  if (output.type != ElementType::float32 ||
      output.shape.element_count() != std::int64_t{kBlendshapeCount}) {
    return fail(ErrorCode::invalid_argument, "reading blendshapes: found " +
                                                 std::string(name_of(output.type)) +
                                                 to_string(output.shape) + ", need 52 of float32");
  }
  const std::span<const float> values = output.floats();
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    return fail(ErrorCode::corrupt_input,
                "reading blendshapes: they have numbers that are not finite");
  }
  Blendshapes blendshapes{};
  std::ranges::transform(values, blendshapes.begin(),
                         [](float value) { return std::clamp(value, 0.0F, 1.0F); });
  return blendshapes;
}

}  // namespace retinue
