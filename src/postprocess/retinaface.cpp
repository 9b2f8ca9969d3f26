#include "postprocess/retinaface.hpp"

#include <array>
#include <cmath>
#include <string>

#include "postprocess/face_outputs.hpp"
#include "postprocess/model_outputs.hpp"
#include "postprocess/non_maximum_suppression.hpp"

namespace retinue {

namespace {

struct AnchorMap {
  int stride;
  std::array<float, 2> sides;  ///< Of the anchors of a cell.
};
constexpr std::array kMaps{AnchorMap{8, {16, 32}}, AnchorMap{16, {64, 128}},
                           AnchorMap{32, {256, 512}}};

/// Of centres and keypoints, and of sizes: "variances" of single-shot detectors.
constexpr float kShiftScale = 0.1F;
constexpr float kSizeScale = 0.2F;

std::size_t anchor_count(Size input) {
  std::size_t count = 0;
  for (const AnchorMap& map : kMaps) {
    count += map.sides.size() * static_cast<std::size_t>(cells(input.width, map.stride)) *
             static_cast<std::size_t>(cells(input.height, map.stride));
  }
  return count;
}

FaceIn<TensorPx> face_at(Point<TensorPx> anchor, float side, std::span<const float> box,
                         std::span<const float> keypoints, float score) {
  FaceIn<TensorPx> face;
  face.score = score;
  const float shift = kShiftScale * side;
  const Point<TensorPx> center = anchor + Point<TensorPx>{box[0], box[1]} * shift;
  const float width = side * std::exp(kSizeScale * box[2]);
  const float height = side * std::exp(kSizeScale * box[3]);
  face.box = {center.x - width / 2, center.y - height / 2, width, height};
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    face.keypoints[i] = anchor + Point<TensorPx>{keypoints[2 * i], keypoints[2 * i + 1]} * shift;
  }
  return face;
}

/// Calls `visit(index, centre, side)` for each anchor in the model's order.
template <typename Visit>
void for_each_anchor(Size input, const Visit& visit) {
  std::size_t index = 0;
  for (const AnchorMap& map : kMaps) {
    const auto stride = static_cast<float>(map.stride);
    for (int row = 0; row < cells(input.height, map.stride); ++row) {
      for (int column = 0; column < cells(input.width, map.stride); ++column) {
        const Point<TensorPx> center{(static_cast<float>(column) + 0.5F) * stride,
                                     (static_cast<float>(row) + 0.5F) * stride};
        for (const float side : map.sides)
          visit(index++, center, side);
      }
    }
  }
}

}  // namespace

Result<void> retinaface_faces(std::span<const TensorView> outputs, Size input_size,
                              const RetinafaceSettings& settings,
                              std::vector<FaceIn<TensorPx>>& faces) {
  faces.clear();
  const std::size_t count = anchor_count(input_size);
  const auto boxes = output_of_size(outputs, count * 4);
  const auto scores = output_of_size(outputs, count * 2);
  const auto keypoints = output_of_size(outputs, count * 10);
  if (outputs.size() != 3 || !boxes || !scores || !keypoints) {
    const std::string n = "[1, " + std::to_string(count) + ", ";
    return fail(ErrorCode::invalid_argument, "reading retinaface's outputs: need float32 " + n +
                                                 "4], " + n + "2] and " + n + "10]");
  }
  for_each_anchor(input_size, [&](std::size_t i, Point<TensorPx> anchor, float side) {
    const float score = (*scores)[2 * i + 1];
    // A score that is not a number goes on, to be refused with its face.
    if (score < settings.min_score) return;
    faces.push_back(
        face_at(anchor, side, boxes->subspan(4 * i, 4), keypoints->subspan(10 * i, 10), score));
  });
  TRY(check_finite(faces, "retinaface"));
  suppress_non_maxima(faces, settings.max_iou, settings.max_faces);
  return {};
}

}  // namespace retinue
