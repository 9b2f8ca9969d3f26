/// How each operator of OpenVINO is written as ONNX. Private to this module.
#pragma once

#include "base/result.hpp"
#include "models/openvino_graph.hpp"

namespace retinue {

/// Adds a layer to the graph.
///
/// Errors  unsupported: the operator, or a form of it, is not known. corrupt_input: the layer
///         contradicts itself.
Result<void> write_openvino_layer(OpenvinoGraph& graph, const OpenvinoLayer& layer);

}  // namespace retinue
