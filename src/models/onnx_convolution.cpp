#include "models/onnx_convolution.hpp"

#include <string_view>

namespace retinue {

const onnx::TensorProto* float_constant(const OnnxGraph& graph, const onnx::NodeProto& node,
                                        int input) {
  const onnx::TensorProto* tensor =
      input < node.input_size() ? graph.constant(node.input(input)) : nullptr;
  const bool is_float = tensor != nullptr && tensor->data_type() == onnx::TensorProto::FLOAT;
  return is_float ? tensor : nullptr;
}

std::optional<Convolution> constant_convolution(const OnnxGraph& graph,
                                                const onnx::NodeProto* node) {
  if (node == nullptr || node->op_type() != "Conv") return std::nullopt;
  const onnx::TensorProto* weights = float_constant(graph, *node, 1);
  const bool has_bias = node->input_size() > 2 && !node->input(2).empty();
  const onnx::TensorProto* bias = has_bias ? float_constant(graph, *node, 2) : nullptr;
  const onnx::AttributeProto* auto_pad = find_attribute(*node, "auto_pad");
  const bool understood = weights != nullptr && weights->dims_size() == 4 &&
                          (auto_pad == nullptr || auto_pad->s() == "NOTSET") &&
                          (!has_bias || (bias != nullptr && bias->dims_size() == 1 &&
                                         bias->dims(0) == weights->dims(0)));
  if (!understood) return std::nullopt;
  const auto ints = [&](std::string_view name, std::size_t count, std::int64_t otherwise) {
    Extents values = ints_attribute(*node, name);
    return values.empty() ? Extents(count, otherwise) : values;
  };
  if (ints("dilations", 2, 1) != Extents{1, 1}) return std::nullopt;
  return Convolution{.node = node,
                     .weights = Extents(weights->dims().begin(), weights->dims().end()),
                     .strides = ints("strides", 2, 1),
                     .pads = ints("pads", 4, 0),
                     .groups = int_attribute(*node, "group", 1)};
}

}  // namespace retinue
