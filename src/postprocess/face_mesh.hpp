/// The outputs of MediaPipe's 478-point face mesh as landmarks.
#pragma once

#include <array>
#include <span>

#include "base/result.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct FaceMesh {
  std::array<Point3<TensorPx>, kFaceLandmarkCount> landmarks;
  float presence = 0;  ///< That the region shows a face, in [0, 1].
};

/// `points`: f32, 1434 numbers: x, y, z of each landmark in pixels of the model's input, corner
/// origin. `presence_logit`: f32, one number. MediaPipe Face Mesh V2 model card, 2022.
///
/// Errors  invalid_argument: outputs of other sizes or types; corrupt_input: numbers that are not
/// finite.
Result<FaceMesh> face_mesh(const TensorView& points, const TensorView& presence_logit);

}  // namespace retinue
