/// YOLOX's raw head as persons.
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "postprocess/person_detection.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// `persons` becomes the persons in the output of one picture, best first. Allocates nothing where
/// it has room for all that are better than the minimum.
///
/// Ge, Liu, Wang, Li, Sun, "YOLOX: Exceeding YOLO Series in 2021"; anchor-free, strides 8, 16, 32.
/// For the cell in column c and row r of stride s: centre = ((c, r) + (d0, d1)) · s, size =
/// exp(d2, d3) · s, score = d4 · d(5 + class): both are probabilities already.
///
/// `outputs`: one of f32 [1, N, 5 + classes], the cells of stride 8 first, row by row.
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a person with numbers
///         that are not finite.
Result<void> yolox_persons(std::span<const TensorView> outputs, Size input_size,
                           const PersonDetectionSettings& settings,
                           std::vector<PersonDetection>& persons);

}  // namespace retinue
