#include "postprocess/yunet.hpp"

#include <algorithm>
#include <cmath>

#include "postprocess/face_outputs.hpp"
#include "postprocess/non_maximum_suppression.hpp"

namespace retinue {

namespace {

constexpr std::array kStrides = {8, 16, 32};
constexpr std::size_t kKindCount = 4;  // cls, obj, bbox, kps
constexpr std::array<std::int64_t, kKindCount> kValuesPerCell = {1, 1, 4, 2 * kFaceKeypointCount};

/// The four maps of one stride.
struct StrideMaps {
  int stride;
  int columns;
  int rows;
  std::span<const float> cls;
  std::span<const float> obj;
  std::span<const float> bbox;
  std::span<const float> kps;
};

FaceIn<TensorPx> face_in_cell(const StrideMaps& maps, std::size_t cell, float score) {
  const auto stride = static_cast<float>(maps.stride);
  const auto columns = static_cast<std::size_t>(maps.columns);
  const std::size_t row_index = cell / columns;
  const auto row = static_cast<float>(row_index);
  const auto column = static_cast<float>(cell - row_index * columns);
  const std::span<const float> b = maps.bbox.subspan(cell * 4, 4);
  FaceIn<TensorPx> face;
  face.score = score;
  face.box.width = std::exp(b[2]) * stride;
  face.box.height = std::exp(b[3]) * stride;
  face.box.x = (column + b[0]) * stride - face.box.width / 2;
  face.box.y = (row + b[1]) * stride - face.box.height / 2;
  const std::span<const float> k =
      maps.kps.subspan(cell * 2 * kFaceKeypointCount, 2 * kFaceKeypointCount);
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    face.keypoints[i] = {(column + k[2 * i]) * stride, (row + k[2 * i + 1]) * stride};
  }
  return face;
}

void collect(const StrideMaps& maps, float min_score, std::vector<FaceIn<TensorPx>>& faces) {
  // Compared squared, so that the root is taken of candidates only.
  const float min_product = min_score * min_score;
  for (std::size_t cell = 0; cell < maps.cls.size(); ++cell) {
    const float product =
        std::clamp(maps.cls[cell], 0.0F, 1.0F) * std::clamp(maps.obj[cell], 0.0F, 1.0F);
    // A product that is not a number goes on, to be refused with its face.
    if (product < min_product || product == 0) continue;
    faces.push_back(face_in_cell(maps, cell, std::sqrt(product)));
  }
}

}  // namespace

Result<void> yunet_faces(std::span<const TensorView> outputs, Size input_size,
                         const YunetSettings& settings, std::vector<FaceIn<TensorPx>>& faces) {
  faces.clear();
  if (outputs.size() != kKindCount * kStrides.size()) {
    return fail(ErrorCode::invalid_argument,
                "reading yunet's outputs: found " + std::to_string(outputs.size()) + ", need 12");
  }
  for (std::size_t s = 0; s < kStrides.size(); ++s) {
    const int columns = input_size.width / kStrides[s];
    const int rows = input_size.height / kStrides[s];
    std::array<std::span<const float>, kKindCount> values;
    for (std::size_t kind = 0; kind < kKindCount; ++kind) {
      const TensorView& output = outputs[kind * kStrides.size() + s];
      const std::int64_t needed = std::int64_t{columns} * rows * kValuesPerCell[kind];
      if (output.type != ElementType::float32 || output.shape.element_count() != needed) {
        return fail(ErrorCode::invalid_argument,
                    "reading yunet's outputs: one of stride " + std::to_string(kStrides[s]) +
                        " is " + std::string(name_of(output.type)) + to_string(output.shape) +
                        " for an input of " + std::to_string(input_size.width) + "x" +
                        std::to_string(input_size.height) + ", need " + std::to_string(needed) +
                        " of float32");
      }
      values[kind] = output.floats();
    }
    collect({kStrides[s], columns, rows, values[0], values[1], values[2], values[3]},
            settings.min_score, faces);
  }
  TRY(check_finite(faces, "yunet"));
  suppress_non_maxima(faces, settings.max_iou, settings.max_faces);
  return {};
}

}  // namespace retinue
