/// The outputs of RT-DETR, D-FINE and kin as persons.
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "postprocess/person_detection.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// `persons` becomes the persons in the outputs of one picture, best first; nothing is suppressed,
/// since queries compete in the model. Allocates nothing where it has room for all that are better
/// than the minimum.
///
/// Zhao et al., "DETRs Beat YOLOs on Real-time Object Detection", CVPR 2024; Peng et al., "D-FINE",
/// ICLR 2025. `outputs` are one of:
///
///   two    f32 [1, Q, classes] of logits, whose sigmoid is the score, and f32 [1, Q, 4]: centre
///   and
///          size as shares of the input; in either order
///   three  labels [1, Q] as int64, int32 or f32, boxes f32 [1, Q, 4]: left, top, right, bottom in
///          pixels of the input; scores f32 [1, Q]; in this order
///   one    f32 [1, Q, 4 + classes]: centre and size as shares of the input, then scores
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a person with numbers
///         that are not finite.
Result<void> detr_persons(std::span<const TensorView> outputs, Size input_size,
                          const PersonDetectionSettings& settings,
                          std::vector<PersonDetection>& persons);

}  // namespace retinue
