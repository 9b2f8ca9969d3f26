#include "models/tiny_graph.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <stdexcept>

namespace retinue {
namespace {

void set_type(onnx::ValueInfoProto& value, const std::string& name,
              std::initializer_list<std::int64_t> shape, int type) {
  value.set_name(name);
  auto* tensor = value.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  for (const std::int64_t extent : shape)
    tensor->mutable_shape()->add_dim()->set_dim_value(extent);
}

std::vector<std::int64_t> ints(const onnx::NodeProto& node, std::string_view name,
                               std::vector<std::int64_t> otherwise) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return {attribute.ints().begin(), attribute.ints().end()};
  }
  return otherwise;
}

float alpha(const onnx::NodeProto& node) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == "alpha") return attribute.f();
  }
  return 0.01F;
}

std::int64_t group(const onnx::NodeProto& node) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == "group") return attribute.i();
  }
  return 1;
}

TinyTensor elementwise(const TinyTensor& a, const TinyTensor& b,
                       const std::function<float(float, float)>& operation) {
  // The second operand broadcasts: a scalar, or one value a channel.
  TinyTensor result = a;
  const auto channels = static_cast<std::size_t>(a.shape[1]);
  const auto pixels = static_cast<std::size_t>(a.shape[2] * a.shape[3]);
  for (std::size_t i = 0; i < result.elements.size(); ++i) {
    std::size_t j = i;
    if (b.elements.size() == 1) j = 0;
    if (b.elements.size() == channels && b.elements.size() != a.elements.size()) {
      j = i / pixels % channels;
    }
    result.elements[i] = operation(a.elements[i], b.elements[j]);
  }
  return result;
}

/// One element of a convolution with stride 1: weights of output channel `c` on the window whose
/// corner lies at (y, x).
float window_sum(const TinyTensor& input, const TinyTensor& weights, std::int64_t c,
                 std::int64_t first_channel, std::int64_t y, std::int64_t x) {
  float sum = 0.0F;
  for (std::int64_t i = 0; i < weights.shape[1]; ++i) {
    for (std::int64_t v = 0; v < weights.shape[2]; ++v) {
      for (std::int64_t u = 0; u < weights.shape[3]; ++u) {
        const bool inside =
            y + v >= 0 && y + v < input.shape[2] && x + u >= 0 && x + u < input.shape[3];
        if (inside) sum += weights.at(c, i, v, u) * input.at(0, first_channel + i, y + v, x + u);
      }
    }
  }
  return sum;
}

/// One row of a batch, stride 1.
TinyTensor convolve(const onnx::NodeProto& node, const TinyTensor& input, const TinyTensor& weights,
                    const TinyTensor* bias) {
  const std::vector<std::int64_t> pads = ints(node, "pads", {0, 0, 0, 0});
  const std::int64_t per_group = weights.shape[0] / group(node);
  TinyTensor result{{1, weights.shape[0], input.shape[2] + pads[0] + pads[2] - weights.shape[2] + 1,
                     input.shape[3] + pads[1] + pads[3] - weights.shape[3] + 1},
                    {}};
  for (std::int64_t c = 0; c < result.shape[1]; ++c) {
    const float start = bias != nullptr ? bias->elements[static_cast<std::size_t>(c)] : 0.0F;
    const std::int64_t first_channel = c / per_group * weights.shape[1];
    for (std::int64_t y = 0; y < result.shape[2]; ++y) {
      for (std::int64_t x = 0; x < result.shape[3]; ++x) {
        result.elements.push_back(
            start + window_sum(input, weights, c, first_channel, y - pads[0], x - pads[1]));
      }
    }
  }
  return result;
}

TinyTensor append_channels(const TinyTensor& input, std::int64_t count) {
  TinyTensor result{{input.shape[0], input.shape[1] + count, input.shape[2], input.shape[3]}, {}};
  result.elements = input.elements;  // one row only
  result.elements.resize(input.elements.size() +
                         static_cast<std::size_t>(count * input.shape[2] * input.shape[3]));
  return result;
}

}  // namespace

float& TinyTensor::at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
  return elements.at(static_cast<std::size_t>(((n * shape[1] + c) * shape[2] + y) * shape[3] + x));
}

float TinyTensor::at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const {
  return elements.at(static_cast<std::size_t>(((n * shape[1] + c) * shape[2] + y) * shape[3] + x));
}

TinyGraph::TinyGraph() {
  model_.set_ir_version(7);
  model_.add_opset_import()->set_version(13);
  model_.mutable_graph()->set_name("tiny");
}

TinyGraph& TinyGraph::input(const std::string& name, std::initializer_list<std::int64_t> shape,
                            int type) {
  set_type(*model_.mutable_graph()->add_input(), name, shape, type);
  return *this;
}

TinyGraph& TinyGraph::output(const std::string& name, std::initializer_list<std::int64_t> shape,
                             int type) {
  set_type(*model_.mutable_graph()->add_output(), name, shape, type);
  return *this;
}

TinyGraph& TinyGraph::constant(const std::string& name, std::initializer_list<std::int64_t> shape,
                               const std::vector<float>& elements) {
  onnx::TensorProto* tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : shape)
    tensor->add_dims(extent);
  for (const float element : elements)
    tensor->add_float_data(element);
  return *this;
}

TinyGraph& TinyGraph::integers(const std::string& name, const std::vector<std::int64_t>& elements) {
  onnx::TensorProto* tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<std::int64_t>(elements.size()));
  for (const std::int64_t element : elements)
    tensor->add_int64_data(element);
  return *this;
}

TinyGraph& TinyGraph::node(const std::string& op, std::initializer_list<std::string> inputs,
                           const std::string& output) {
  onnx::NodeProto* node = model_.mutable_graph()->add_node();
  node->set_op_type(op);
  node->set_name(output);
  for (const std::string& name : inputs)
    node->add_input(name);
  node->add_output(output);
  return *this;
}

TinyGraph& TinyGraph::attribute(const std::string& name, std::int64_t value) {
  onnx::GraphProto& graph = *model_.mutable_graph();
  onnx::AttributeProto* attribute = graph.mutable_node(graph.node_size() - 1)->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(value);
  return *this;
}

TinyGraph& TinyGraph::attribute(const std::string& name,
                                std::initializer_list<std::int64_t> values) {
  onnx::GraphProto& graph = *model_.mutable_graph();
  onnx::AttributeProto* attribute = graph.mutable_node(graph.node_size() - 1)->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values)
    attribute->add_ints(value);
  return *this;
}

std::vector<std::byte> TinyGraph::bytes() const {
  const std::string text = model_.SerializeAsString();
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

onnx::ModelProto parse_model(std::span<const std::byte> bytes) {
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw std::runtime_error("the model does not parse");
  }
  return model;
}

namespace {

TinyTensor read_constant(const onnx::TensorProto& tensor) {
  TinyTensor value{{tensor.dims().begin(), tensor.dims().end()},
                   {tensor.float_data().begin(), tensor.float_data().end()}};
  if (tensor.has_raw_data()) {
    value.elements.resize(tensor.raw_data().size() / sizeof(float));
    std::memcpy(value.elements.data(), tensor.raw_data().data(),
                value.elements.size() * sizeof(float));
  }
  // Pads are the only integers here, small enough for a float.
  for (const std::int64_t element : tensor.int64_data()) {
    value.elements.push_back(static_cast<float>(element));
  }
  return value;
}

TinyTensor evaluate_node(const onnx::NodeProto& node, const std::vector<TinyTensor>& inputs) {
  const std::string& op = node.op_type();
  const TinyTensor& a = inputs.front();
  const TinyTensor& b = inputs.at(inputs.size() > 1 ? 1 : 0);
  if (op == "Conv") return convolve(node, a, b, inputs.size() > 2 ? &inputs[2] : nullptr);
  if (op == "Pad") return append_channels(a, static_cast<std::int64_t>(b.elements.at(5)));
  const float slope = alpha(node);
  const std::map<std::string, std::function<float(float, float)>> elementwise_ops{
      {"Relu", [](float x, float) { return std::max(x, 0.0F); }},
      {"LeakyRelu", [&](float x, float) { return x < 0 ? slope * x : x; }},
      {"PRelu", [](float x, float s) { return x < 0 ? s * x : x; }},
      {"Min", [](float x, float y) { return std::min(x, y); }},
      {"Mul", [](float x, float y) { return x * y; }},
      {"Add", [](float x, float y) { return x + y; }},
  };
  return elementwise(a, b, elementwise_ops.at(op));
}

}  // namespace

TinyTensor evaluate(const onnx::ModelProto& model, const TinyTensor& input) {
  std::map<std::string, TinyTensor> values{{model.graph().input(0).name(), input}};
  for (const onnx::TensorProto& tensor : model.graph().initializer()) {
    values[tensor.name()] = read_constant(tensor);
  }
  for (const onnx::NodeProto& node : model.graph().node()) {
    std::vector<TinyTensor> inputs;
    for (const std::string& name : node.input())
      inputs.push_back(values.at(name));
    values[node.output(0)] = evaluate_node(node, inputs);
  }
  return values.at(model.graph().output(0).name());
}

int count_nodes(const onnx::ModelProto& model, std::string_view op) {
  return static_cast<int>(std::ranges::count(model.graph().node(), op, &onnx::NodeProto::op_type));
}

}  // namespace retinue
