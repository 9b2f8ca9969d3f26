/// RetinaFace's outputs as faces.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct RetinafaceSettings {
  float min_score = 0.6F;
  float max_iou = 0.4F;  ///< Of two faces that are kept; both as Pytorch_Retinaface shows them.
  std::size_t max_faces = 16;
};

/// `faces` becomes the faces in the outputs of one picture, best first. Allocates nothing where it
/// has room for all that are better than the minimum.
///
/// Deng, Guo, Ververas, Kotsia, Zafeiriou, "RetinaFace: Single-shot Multi-level Face Localisation
/// in the Wild", CVPR 2020, as Pytorch_Retinaface exports it. Two square anchors stand at the
/// centre of each cell: of 16 and 32 pixels at stride 8, of 64 and 128 at 16, of 256 and 512 at 32.
/// For an anchor of side a: centre of the box = anchor + 0.1 · a · (l0, l1), size
/// = a · exp(0.2 · (l2, l3)), keypoint k = anchor + 0.1 · a · (k0, k1).
///
/// `outputs`: f32, in any order: boxes [1, A, 4]; scores [1, A, 2], of which the second is the
/// face's probability; keypoints [1, A, 10]. A = the sum over strides s of
/// 2 · ceil(width / s) · ceil(height / s).
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a face with numbers
///         that are not finite.
Result<void> retinaface_faces(std::span<const TensorView> outputs, Size input_size,
                              const RetinafaceSettings& settings,
                              std::vector<FaceIn<TensorPx>>& faces);

}  // namespace retinue
