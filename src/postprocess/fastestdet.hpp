/// FastestDet's output as persons.
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
/// FastestDet (github.com/dog-qiuqiu/FastestDet, 2022): one map. For the cell in column c and row r
/// of a map of W x H cells, as shares of the input: centre = ((c, r) + tanh(d1, d2)) / (W, H), size
/// = sigmoid(d3, d4), score = d0^0.6 · d(5 + class)^0.4.
///
/// `outputs`: one of f32 [1, 5 + classes, H, W].
///
/// Errors  invalid_argument: outputs of other shapes or types. corrupt_input: a person with numbers
///         that are not finite.
Result<void> fastestdet_persons(std::span<const TensorView> outputs, Size input_size,
                                const PersonDetectionSettings& settings,
                                std::vector<PersonDetection>& persons);

}  // namespace retinue
