/// YuNet's outputs as faces.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct YunetSettings {
  float min_score = 0.7F;
  float max_iou = 0.3F;  ///< Of two faces that are kept: OpenCV's FaceDetectorYN default.
  std::size_t max_faces = 16;
};

/// `faces` becomes the faces in the outputs of one picture, best first. Allocates nothing where it
/// has room for all that are better than the minimum.
///
/// Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research
/// 2023; anchor-free, strides 8, 16, 32. For the cell in column c and row r of a map with stride s:
/// score = sqrt(cls · obj), centre = ((c, r) + (b0, b1)) · s, size = exp(b2, b3) · s,
/// keypoint k = ((c, r) + (k0, k1)) · s.
///
/// `outputs`: f32, in the model's order: cls, obj, bbox, kps, each for strides 8, 16, 32:
/// [1, H/s · W/s, 1 | 1 | 4 | 10]. `input_size`: W and H of the model's input, multiples of 32.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a face with numbers
///         that are not finite.
Result<void> yunet_faces(std::span<const TensorView> outputs, Size input_size,
                         const YunetSettings& settings, std::vector<FaceIn<TensorPx>>& faces);

}  // namespace retinue
