/// OpenVINO's intermediate representation in the one internal form. Private to this module.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace retinue {

/// True if the bytes start like an XML document.
bool is_xml(std::span<const std::byte> bytes);

/// Writes an OpenVINO model as an ONNX file of float32 maths: `xml` is the graph, `weights` the
/// file beside it that ends in .bin. Inputs are in the order of their names.
///
/// Format: IR of version 10 or 11, https://docs.openvino.ai (Operation Sets).
///
/// Errors  corrupt_input: damaged, or the graph contradicts itself or its weights. unsupported:
///         another version, or an operator, or a form of one, that is not known here; the message
///         names it.
Result<std::vector<std::byte>> onnx_from_openvino(std::span<const std::byte> xml,
                                                  std::span<const std::byte> weights);

}  // namespace retinue
