#include "models/onnx_graph.hpp"

#include <algorithm>
#include <utility>

namespace retinue {

OnnxGraph::OnnxGraph(onnx::GraphProto& graph) : graph_(graph) {
  index();
}

void OnnxGraph::index() {
  constants_.clear();
  readers_.clear();
  makers_.clear();
  outputs_.clear();
  for (const onnx::TensorProto& tensor : graph_.initializer()) {
    constants_.emplace(tensor.name(), &tensor);
    names_.insert(tensor.name());
  }
  for (const onnx::ValueInfoProto& input : graph_.input())
    names_.insert(input.name());
  for (const onnx::ValueInfoProto& output : graph_.output())
    outputs_.insert(output.name());
  for (const onnx::NodeProto& node : graph_.node()) {
    names_.insert(node.name());
    for (const std::string& input : node.input())
      readers_[input].push_back(&node);
    for (const std::string& output : node.output()) {
      makers_.emplace(output, &node);
      names_.insert(output);
    }
  }
}

const onnx::TensorProto* OnnxGraph::constant(std::string_view name) const {
  const auto found = constants_.find(std::string(name));
  return found == constants_.end() ? nullptr : found->second;
}

const std::vector<const onnx::NodeProto*>& OnnxGraph::readers(std::string_view name) const {
  static const std::vector<const onnx::NodeProto*> none;
  const auto found = readers_.find(std::string(name));
  return found == readers_.end() ? none : found->second;
}

const onnx::NodeProto* OnnxGraph::maker(std::string_view name) const {
  const auto found = makers_.find(std::string(name));
  return found == makers_.end() ? nullptr : found->second;
}

std::string OnnxGraph::fresh_name(std::string_view hint) {
  std::string name;
  do {
    name = "retinue_" + std::string(hint) + "_" + std::to_string(next_name_++);
  } while (!names_.insert(name).second);
  return name;
}

void OnnxGraph::add_constant(onnx::TensorProto tensor) {
  onnx::TensorProto* added = graph_.add_initializer();
  added->Swap(&tensor);
  constants_.emplace(added->name(), added);
}

void OnnxGraph::replace_nodes(std::vector<onnx::NodeProto> nodes) {
  graph_.clear_node();
  for (onnx::NodeProto& node : nodes)
    graph_.add_node()->Swap(&node);
  index();
}

void OnnxGraph::drop_unread_nodes() {
  std::unordered_set<std::string> wanted;
  for (const onnx::ValueInfoProto& output : graph_.output())
    wanted.insert(output.name());
  std::vector<onnx::NodeProto> kept;
  auto* const nodes = graph_.mutable_node();
  for (auto node = nodes->rbegin(); node != nodes->rend(); ++node) {
    const bool read = std::ranges::any_of(
        node->output(), [&](const std::string& name) { return wanted.contains(name); });
    if (!read) continue;
    wanted.insert(node->input().begin(), node->input().end());
    kept.push_back(std::move(*node));
  }
  std::ranges::reverse(kept);
  replace_nodes(std::move(kept));
}

void OnnxGraph::drop_unused_constants() {
  google::protobuf::RepeatedPtrField<onnx::TensorProto> kept;
  for (onnx::TensorProto& tensor : *graph_.mutable_initializer()) {
    if (!readers(tensor.name()).empty() || is_output(tensor.name())) kept.Add()->Swap(&tensor);
  }
  graph_.mutable_initializer()->Swap(&kept);
  index();
}

onnx::NodeProto make_node(std::string_view op, std::initializer_list<std::string> inputs,
                          std::string output) {
  onnx::NodeProto node;
  node.set_op_type(std::string(op));
  for (const std::string& input : inputs)
    node.add_input(input);
  node.add_output(std::move(output));
  return node;
}

void set_int_attribute(onnx::NodeProto& node, std::string_view name, std::int64_t value) {
  onnx::AttributeProto* attribute = node.add_attribute();
  attribute->set_name(std::string(name));
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(value);
}

void set_float_attribute(onnx::NodeProto& node, std::string_view name, float value) {
  onnx::AttributeProto* attribute = node.add_attribute();
  attribute->set_name(std::string(name));
  attribute->set_type(onnx::AttributeProto::FLOAT);
  attribute->set_f(value);
}

void set_text_attribute(onnx::NodeProto& node, std::string_view name, std::string_view value) {
  onnx::AttributeProto* attribute = node.add_attribute();
  attribute->set_name(std::string(name));
  attribute->set_type(onnx::AttributeProto::STRING);
  attribute->set_s(std::string(value));
}

void set_ints_attribute(onnx::NodeProto& node, std::string_view name,
                        std::initializer_list<std::int64_t> values) {
  set_ints_attribute(node, name, std::vector<std::int64_t>(values));
}

void set_ints_attribute(onnx::NodeProto& node, std::string_view name,
                        const std::vector<std::int64_t>& values) {
  onnx::AttributeProto* attribute = node.add_attribute();
  attribute->set_name(std::string(name));
  attribute->set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values)
    attribute->add_ints(value);
}

}  // namespace retinue
