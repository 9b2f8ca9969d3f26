/// What detectors of persons have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "geometry/box.hpp"
#include "perception/person.hpp"
#include "postprocess/model_outputs.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// A person in the model's input.
struct PersonDetection {
  float score = 0;  ///< In [0, 1].
  Box<TensorPx> box;
  /// Of models that find the body's points, too.
  std::optional<BodyKeypoints<TensorPx>> keypoints;
};

struct PersonDetectionSettings {
  float min_score = 0.4F;
  float max_iou = 0.5F;  ///< Of two persons that are kept.
  std::size_t max_persons = 64;
  std::size_t person_class = 0;  ///< Index among the model's classes: COCO's when it is 0.
};

/// Keeps the best of those that overlap, best first.
///
/// Errors  corrupt_input: a detection with numbers that are not finite.
Result<void> keep_best(std::vector<PersonDetection>& persons,
                       const PersonDetectionSettings& settings, std::string_view model);

/// From centre and extent.
constexpr Box<TensorPx> centered_box(float x, float y, float width, float height) {
  return {x - width / 2, y - height / 2, width, height};
}

}  // namespace retinue
