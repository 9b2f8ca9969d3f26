/// An ONNX graph with the indexes that rewriting needs. Private to this module.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/onnx_model.hpp"

namespace retinue {

/// Borrows a checked graph. Nodes are replaced only through `replace_nodes`, which keeps the
/// indexes right. Thread-bound.
class OnnxGraph {
 public:
  /// `graph` must have passed check_graph, and outlive this.
  explicit OnnxGraph(onnx::GraphProto& graph);

  const onnx::GraphProto& proto() const { return graph_; }
  onnx::GraphProto& proto() { return graph_; }

  /// Null: not a constant.
  const onnx::TensorProto* constant(std::string_view name) const;

  /// The nodes that read a value, one entry a use; empty also for a value nobody reads.
  const std::vector<const onnx::NodeProto*>& readers(std::string_view name) const;

  /// Null: an input or a constant.
  const onnx::NodeProto* maker(std::string_view name) const;

  bool is_output(std::string_view name) const { return outputs_.contains(name); }

  /// A name that nothing in the graph has: `hint` and a number.
  std::string fresh_name(std::string_view hint);

  /// Adds a constant under the name it carries, which must be fresh.
  void add_constant(onnx::TensorProto tensor);

  /// Takes the new node list, in topological order, and indexes it.
  void replace_nodes(std::vector<onnx::NodeProto> nodes);

  /// Removes nodes whose results nothing reads, and those that only they read.
  void drop_unread_nodes();

  /// Removes constants that no node reads and that are no output.
  void drop_unused_constants();

 private:
  void index();

  onnx::GraphProto& graph_;
  std::unordered_map<std::string, const onnx::TensorProto*> constants_;
  std::unordered_map<std::string, std::vector<const onnx::NodeProto*>> readers_;
  std::unordered_map<std::string, const onnx::NodeProto*> makers_;
  std::set<std::string, std::less<>> outputs_;
  std::unordered_set<std::string> names_;
  std::uint64_t next_name_ = 0;
};

/// A node with one output and no name: names must be unique, and are optional.
onnx::NodeProto make_node(std::string_view op, std::initializer_list<std::string> inputs,
                          std::string output);

void set_int_attribute(onnx::NodeProto& node, std::string_view name, std::int64_t value);
void set_float_attribute(onnx::NodeProto& node, std::string_view name, float value);
void set_ints_attribute(onnx::NodeProto& node, std::string_view name,
                        std::initializer_list<std::int64_t> values);
void set_ints_attribute(onnx::NodeProto& node, std::string_view name,
                        const std::vector<std::int64_t>& values);
void set_text_attribute(onnx::NodeProto& node, std::string_view name, std::string_view value);

}  // namespace retinue
