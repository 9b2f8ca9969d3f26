/// The outputs of MediaPipe's two face detectors as faces.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct BlazefaceSettings {
  float min_score = 0.5F;
  float max_iou = 0.3F;  ///< Detections that overlap more are one face: MediaPipe's default.
  std::size_t max_faces = 16;
};

/// `faces` becomes the faces in the outputs of one picture, best first. Allocates nothing where it
/// has room for all that are better than the minimum.
///
/// Bazarevsky, Kartynnik, Vakunov, Raveendran, Grundmann, "BlazeFace: Sub-millisecond Neural Face
/// Detection on Mobile GPUs", CVPR workshops 2019. Detections that overlap are blended, weighted by
/// their scores, as there ("non-maximum suppression" with averaging); the score is the best one's.
///
/// The model finds the middle of the mouth, not its corners: both mouth corners are set to it. The
/// tragions of the ears, which it finds besides, are not used.
///
/// `outputs`: f32 [1, N, 16]: centre and size, then six keypoints, in pixels from the anchor; f32
/// [1, N, 1]: logits. Or the other way round. Anchors stand at the cells' centres. Short range:
/// input 128 x 128, N = 896, two anchors a cell of stride 8 and six of 16. Full range: 192 x 192,
/// N = 2304, one of stride 4.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a face with numbers
///         that are not finite.
Result<void> blazeface_faces(std::span<const TensorView> outputs, Size input_size,
                             const BlazefaceSettings& settings,
                             std::vector<FaceIn<TensorPx>>& faces);

}  // namespace retinue
