/// SCRFD's outputs as faces.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct ScrfdSettings {
  float min_score = 0.5F;
  float max_iou = 0.4F;  ///< Of two faces that are kept; both as insightface has them.
  std::size_t max_faces = 16;
};

/// `faces` becomes the faces in the outputs of one picture, best first. Allocates nothing where it
/// has room for all that are better than the minimum.
///
/// Guo, Deng, Lattas, Zafeiriou, "Sample and Computation Redistribution for Efficient Face
/// Detection", ICLR 2022, as insightface exports it. Two anchors stand at each cell's upper left
/// corner (c, r) · s. Distances of the box's sides from there, left, top, right, bottom, and
/// offsets of the keypoints are in strides s.
///
/// `outputs`: f32, in the model's order: scores, boxes, keypoints, each for strides 8, 16, 32:
/// [A, 1] or [1, A, 1], then 4, then 10 columns, A = 2 · ceil(width / s) · ceil(height / s).
/// Scores are probabilities.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a face with numbers
///         that are not finite.
Result<void> scrfd_faces(std::span<const TensorView> outputs, Size input_size,
                         const ScrfdSettings& settings, std::vector<FaceIn<TensorPx>>& faces);

}  // namespace retinue
