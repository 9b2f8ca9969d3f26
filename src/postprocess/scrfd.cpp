#include "postprocess/scrfd.hpp"

#include <array>
#include <string_view>

#include "postprocess/face_outputs.hpp"
#include "postprocess/model_outputs.hpp"
#include "postprocess/non_maximum_suppression.hpp"

namespace retinue {

namespace {

constexpr std::string_view kModel = "scrfd";
constexpr std::array kStrides{8, 16, 32};
constexpr std::size_t kAnchorsPerCell = 2;

FaceIn<TensorPx> face_at(Point<TensorPx> anchor, std::span<const float> sides,
                         std::span<const float> offsets, float stride, float score) {
  FaceIn<TensorPx> face;
  face.score = score;
  face.box = {anchor.x - sides[0] * stride, anchor.y - sides[1] * stride,
              (sides[0] + sides[2]) * stride, (sides[1] + sides[3]) * stride};
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i)
    face.keypoints[i] = anchor + Point<TensorPx>{offsets[2 * i], offsets[2 * i + 1]} * stride;
  return face;
}

}  // namespace

Result<void> scrfd_faces(std::span<const TensorView> outputs, Size input_size,
                         const ScrfdSettings& settings, std::vector<FaceIn<TensorPx>>& faces) {
  faces.clear();
  TRY(check_output_count(outputs, 3 * kStrides.size(), kModel));
  for (std::size_t s = 0; s < kStrides.size(); ++s) {
    const auto columns = static_cast<std::size_t>(cells(input_size.width, kStrides[s]));
    const auto rows = static_cast<std::size_t>(cells(input_size.height, kStrides[s]));
    const auto count = static_cast<std::int64_t>(columns * rows * kAnchorsPerCell);
    const std::span<const float> scores = TRY(floats_of(outputs[s], count, kModel));
    const std::span<const float> sides =
        TRY(floats_of(outputs[kStrides.size() + s], count * 4, kModel));
    const std::span<const float> offsets =
        TRY(floats_of(outputs[2 * kStrides.size() + s], count * 10, kModel));
    const auto stride = static_cast<float>(kStrides[s]);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      // A score that is not a number goes on, to be refused with its face.
      if (scores[i] < settings.min_score) continue;
      const std::size_t cell = i / kAnchorsPerCell;
      const std::size_t row = cell / columns;
      const Point<TensorPx> anchor{static_cast<float>(cell - row * columns) * stride,
                                   static_cast<float>(row) * stride};
      faces.push_back(
          face_at(anchor, sides.subspan(4 * i, 4), offsets.subspan(10 * i, 10), stride, scores[i]));
    }
  }
  TRY(check_finite(faces, kModel));
  suppress_non_maxima(faces, settings.max_iou, settings.max_faces);
  return {};
}

}  // namespace retinue
