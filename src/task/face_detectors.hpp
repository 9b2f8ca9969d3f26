/// What each family of face detectors was trained to see, and how its outputs are read.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "models/model_family.hpp"
#include "perception/face.hpp"
#include "preprocess/sampler.hpp"
#include "task/detector_input.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct FaceDetector {
  ModelFamily family;
  PictureFit fit;
  SampleSpec spec;
  float min_score;  ///< Unless the user asks for another.

  /// `faces` becomes those in the outputs of one picture, best first, in pixels of the input, whose
  /// size is `input`.
  Result<void> (*read)(std::span<const TensorView> outputs, Size input, float min_score,
                       std::size_t max_faces, std::vector<FaceIn<TensorPx>>& faces);

  /// Of models whose input has no size of its own. Null: the model is asked.
  std::vector<Shape> (*output_shapes)(const Shape& input) = nullptr;
};

/// Null: the family finds no faces.
const FaceDetector* face_detector_of(ModelFamily family);

}  // namespace retinue
