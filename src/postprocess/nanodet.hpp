/// The outputs of NanoDet and PicoDet as persons.
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "postprocess/person_detection.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// `persons` becomes the persons in the outputs of one picture, best first. Allocates nothing where
/// it has room for all that are better than the minimum.
///
/// NanoDet (github.com/RangiLyu/nanodet, 2020) and Yu et al., "PP-PicoDet: A Better Real-Time
/// Object Detector on Mobile Devices", 2021: anchor-free with the head of Li et al., "Generalized
/// Focal Loss", NeurIPS 2020. A box is the distances of its left, top, right and bottom from the
/// cell's centre ((c, r) + 0.5) · s, each the mean, in strides, of a softmax distribution over 0,
/// 1, … 7.
///
/// `outputs`: f32, scores of each stride in ascending order, [1, cells, classes], probabilities;
/// then distributions of each stride, [1, cells, 32]. Strides 8, 16, 32 and, where there are
/// four, 64.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a person with numbers
///         that are not finite.
Result<void> nanodet_persons(std::span<const TensorView> outputs, Size input_size,
                             const PersonDetectionSettings& settings,
                             std::vector<PersonDetection>& persons);

}  // namespace retinue
