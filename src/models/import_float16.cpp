#include <utility>
#include <vector>

#include "models/import_passes.hpp"

namespace retinue {
namespace {

bool is_half(const onnx::ValueInfoProto& value) {
  return value.type().tensor_type().elem_type() == onnx::TensorProto::FLOAT16;
}

/// True if the tensor was float16 and is float32 now.
bool widen(onnx::TensorProto& tensor) {
  if (tensor.data_type() != onnx::TensorProto::FLOAT16) return false;
  const std::optional<std::vector<float>> elements = float_elements(tensor);
  const std::vector<std::int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  onnx::TensorProto wide = make_float_tensor(tensor.name(), shape, *elements);
  tensor.Swap(&wide);
  return true;
}

bool widen(onnx::NodeProto& node) {
  bool changed = false;
  for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.has_t()) changed = widen(*attribute.mutable_t()) || changed;
    const bool to_half = node.op_type() == "Cast" && attribute.name() == "to" &&
                         attribute.i() == onnx::TensorProto::FLOAT16;
    if (to_half) {
      attribute.set_i(onnx::TensorProto::FLOAT);
      changed = true;
    }
  }
  return changed;
}

}  // namespace

int widen_float16(OnnxGraph& graph) {
  onnx::GraphProto& proto = graph.proto();
  int changed = 0;
  for (onnx::TensorProto& tensor : *proto.mutable_initializer())
    changed += widen(tensor) ? 1 : 0;
  std::vector<onnx::NodeProto> nodes(proto.node().begin(), proto.node().end());
  for (onnx::NodeProto& node : nodes)
    changed += widen(node) ? 1 : 0;
  for (auto* values : {proto.mutable_input(), proto.mutable_output()}) {
    for (onnx::ValueInfoProto& value : *values) {
      if (!is_half(value)) continue;
      value.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
      ++changed;
    }
  }
  graph.replace_nodes(std::move(nodes));
  return changed;
}

}  // namespace retinue
