/// What each family of person detectors was trained to see, and how its outputs are read.
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "models/model_family.hpp"
#include "postprocess/person_detection.hpp"
#include "preprocess/sampler.hpp"
#include "task/detector_input.hpp"

namespace retinue {

struct PersonDetector {
  ModelFamily family;
  PictureFit fit;
  SampleSpec spec;
  float min_score;
  float max_iou;  ///< Of two persons that are kept: as the family's own code has it.

  /// `persons` becomes those in the outputs of one picture, best first, in pixels of the input,
  /// whose size is `input`.
  Result<void> (*read)(std::span<const TensorView> outputs, Size input,
                       const PersonDetectionSettings& settings,
                       std::vector<PersonDetection>& persons);
};

/// Null: the family finds no persons.
const PersonDetector* person_detector_of(ModelFamily family);

}  // namespace retinue
