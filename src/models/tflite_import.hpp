/// TensorFlow Lite files in the one internal form. Private to this module.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace retinue {

/// Writes a TensorFlow Lite model as an ONNX file of float32 maths.
///
/// - Pictures: inputs of four axes become [N, C, H, W], as they are in ONNX files; outputs keep the
///   file's order of axes, [N, H, W, C]. Inside, values are in the order of the convolutions, and
///   are transposed only where an operator sees the order.
/// - Quantised tensors stand for real numbers: weights are dequantised, QUANTIZE and DEQUANTIZE do
///   nothing, and nothing saturates. An input of uint8 or int8 becomes float32, with the real
///   numbers as values.
/// - Sparse weights get their zeros back.
///
/// Errors  corrupt_input: damaged, or the graph contradicts itself. unsupported: an operator, or a
///         form of one, that is not known here; the message names it.
Result<std::vector<std::byte>> onnx_from_tflite(std::span<const std::byte> bytes);

}  // namespace retinue
