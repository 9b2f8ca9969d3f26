#include "models/model_signature.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "models/import_passes.hpp"
#include "models/onnx_model.hpp"

namespace retinue {
namespace {

constexpr std::array kNamedTypes{ModelElementType::float32, ModelElementType::float16,
                                 ModelElementType::int64, ModelElementType::int32,
                                 ModelElementType::uint8};

ModelElementType element_type(std::int32_t onnx_type) {
  switch (onnx_type) {
    case onnx::TensorProto::FLOAT:
      return ModelElementType::float32;
    case onnx::TensorProto::FLOAT16:
      return ModelElementType::float16;
    case onnx::TensorProto::INT64:
      return ModelElementType::int64;
    case onnx::TensorProto::INT32:
      return ModelElementType::int32;
    case onnx::TensorProto::UINT8:
      return ModelElementType::uint8;
    default:
      return ModelElementType::other;
  }
}

ModelTensor read_tensor(const onnx::ValueInfoProto& value) {
  const onnx::TypeProto::Tensor& type = value.type().tensor_type();
  ModelTensor tensor{.name = value.name(), .element = element_type(type.elem_type()), .axes = {}};
  for (const onnx::TensorShapeProto::Dimension& dimension : type.shape().dim()) {
    ModelAxis axis;
    // Exporters also write 0 and -1 for "any".
    if (dimension.has_dim_value() && dimension.dim_value() > 0) axis.size = dimension.dim_value();
    axis.symbol = dimension.dim_param();
    tensor.axes.push_back(std::move(axis));
  }
  return tensor;
}

std::string list(const std::vector<ModelTensor>& tensors) {
  std::string text;
  for (const ModelTensor& tensor : tensors) {
    if (!text.empty()) text += ", ";
    text += tensor.description();
  }
  return text.empty() ? "nothing" : text;
}

/// Convolutions and products with weights, also those that the import has fused.
bool is_layer(const onnx::NodeProto& node) {
  constexpr std::array<std::string_view, 4> kLayers{"Conv", "ConvTranspose", "Gemm", "MatMul"};
  return node.domain() == kOperatorDomain || std::ranges::count(kLayers, node.op_type()) > 0;
}

std::vector<std::string> tail_operators_of(const onnx::GraphProto& graph) {
  std::unordered_map<std::string_view, const onnx::NodeProto*> makers;
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& output : node.output())
      makers.emplace(output, &node);
  }
  std::vector<std::string_view> values;
  for (const onnx::ValueInfoProto& output : graph.output())
    values.push_back(output.name());
  std::set<std::string> types;
  while (!values.empty()) {
    const auto maker = makers.find(values.back());
    values.pop_back();
    if (maker == makers.end()) continue;
    const onnx::NodeProto* node = maker->second;
    makers.erase(maker);  // Also its circles end, where a damaged graph has any.
    if (is_layer(*node)) continue;
    types.insert(node->op_type());
    values.insert(values.end(), node->input().begin(), node->input().end());
  }
  return {types.begin(), types.end()};
}

}  // namespace

std::string_view name_of(ModelElementType type) {
  switch (type) {
    case ModelElementType::float32:
      return "float32";
    case ModelElementType::float16:
      return "float16";
    case ModelElementType::int64:
      return "int64";
    case ModelElementType::int32:
      return "int32";
    case ModelElementType::uint8:
      return "uint8";
    case ModelElementType::other:
      break;
  }
  return "other";
}

Result<ModelElementType> parse_model_element_type(std::string_view name) {
  for (const ModelElementType type : kNamedTypes) {
    if (name == name_of(type)) return type;
  }
  return fail(ErrorCode::invalid_argument,
              "element type '" + std::string(name) +
                  "' is not one of float32, float16, int64, int32, uint8");
}

std::string ModelTensor::description() const {
  std::string text = name + " " + std::string(name_of(element)) + " [";
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (i > 0) text += ", ";
    if (axes[i].size) {
      text += std::to_string(*axes[i].size);
    } else {
      text += axes[i].symbol.empty() ? "?" : axes[i].symbol;
    }
  }
  return text + "]";
}

std::string ModelSignature::description() const {
  return list(inputs) + " -> " + list(outputs);
}

bool ModelSignature::has_tail_operator(std::string_view type) const {
  return std::ranges::binary_search(tail_operators, type);
}

Result<ModelSignature> read_signature(std::span<const std::byte> model) {
  const onnx::ModelProto proto = TRY(parse_onnx(model));
  const onnx::GraphProto& graph = proto.graph();
  std::unordered_set<std::string_view> constants;
  for (const onnx::TensorProto& tensor : graph.initializer())
    constants.insert(tensor.name());

  ModelSignature signature;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (!constants.contains(input.name())) signature.inputs.push_back(read_tensor(input));
  }
  for (const onnx::ValueInfoProto& output : graph.output()) {
    signature.outputs.push_back(read_tensor(output));
  }
  for (const onnx::StringStringEntryProto& entry : proto.metadata_props()) {
    signature.metadata.emplace_back(entry.key(), entry.value());
  }
  signature.producer = proto.producer_name();
  signature.opset = default_opset(proto);
  signature.tail_operators = tail_operators_of(graph);
  return signature;
}

}  // namespace retinue
