/// Reading ONNX files with the protobuf alone. Private to this module: third-party types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The generated headers are not clean under our warnings; CMake marks them SYSTEM.
#include <onnx/onnx_pb.h>

#include "base/result.hpp"

namespace retinue {

/// Parses a model. Only what the protobuf itself demands is checked, and that there is a graph.
///
/// Errors  corrupt_input: not an ONNX model, or cut short. unsupported: more than 1 GiB.
Result<onnx::ModelProto> parse_onnx(std::span<const std::byte> bytes);

/// Checks that a parsed graph does not contradict itself: every value is made once and before it is
/// used, every constant holds as many elements as its shape says, all weights are in the file.
///
/// Errors  corrupt_input, unsupported (weights in other files).
Result<void> check_graph(const onnx::GraphProto& graph);

/// Elements of a float32 or float16 constant; nullopt: another type.
std::optional<std::vector<float>> float_elements(const onnx::TensorProto& tensor);

/// Elements of an int64 constant; nullopt: another type.
std::optional<std::vector<std::int64_t>> int64_elements(const onnx::TensorProto& tensor);

onnx::TensorProto make_float_tensor(std::string name, std::span<const std::int64_t> shape,
                                    std::span<const float> elements);
onnx::TensorProto make_int64_tensor(std::string name, std::span<const std::int64_t> elements);

/// Null: the node has no such attribute.
const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name);
std::int64_t int_attribute(const onnx::NodeProto& node, std::string_view name,
                           std::int64_t otherwise);
std::vector<std::int64_t> ints_attribute(const onnx::NodeProto& node, std::string_view name);

/// "node 'conv_3' (Conv)", for messages.
std::string description(const onnx::NodeProto& node);

/// Version of the default operator set; 0: none is named.
std::int64_t default_opset(const onnx::ModelProto& model);

}  // namespace retinue
