/// Builds an ONNX model node by node, for the readers of other formats. Private to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "models/onnx_model.hpp"

namespace retinue {

/// Elements of a constant as read from another format.
struct ConstantTensor {
  enum class Kind { real, int32, int64 };

  Kind kind = Kind::real;
  std::vector<std::int64_t> shape;
  std::vector<float> reals;            ///< Of kind real.
  std::vector<std::int64_t> integers;  ///< Of the other kinds.

  std::size_t size() const { return kind == Kind::real ? reals.size() : integers.size(); }
};

/// The constant with its axes in another order: axis i of the result is axis `order[i]`.
ConstantTensor transposed(const ConstantTensor& constant, std::span<const std::int64_t> order);

/// Makes a graph of operator set 13 in topological order. Values are named by number; inputs and
/// outputs keep the names of the file. Thread-bound.
class OnnxBuilder {
 public:
  /// `producer` goes into the model: where it comes from.
  explicit OnnxBuilder(std::string_view producer);

  /// A float32 input. Returns the name of its value, which differs from `name` where that is empty
  /// or taken.
  std::string add_input(const std::string& name, std::span<const std::int64_t> shape);

  std::string add_constant(const ConstantTensor& constant);
  std::string add_scalar(float value);
  std::string add_integers(std::span<const std::int64_t> values);
  std::string add_index(std::int64_t value);  ///< int64, of rank 0.

  /// Adds a node of one output; returns its value.
  std::string add(std::string_view op, const std::vector<std::string>& inputs);

  /// The node that was added last, for its attributes.
  onnx::NodeProto& last() { return *graph().mutable_node(graph().node_size() - 1); }

  /// The value with its axes in another order. Of two transpositions in a row one is made, of two
  /// that cancel none.
  std::string transpose(const std::string& value, std::span<const std::int64_t> order);

  /// Names an output of the model.
  void add_output(const std::string& value, const std::string& name,
                  std::span<const std::int64_t> shape, int onnx_type);

  /// The whole model, without the nodes that no output needs. Once.
  ///
  /// Errors  corrupt_input: there is no output. unsupported: more than 2 GiB.
  Result<std::vector<std::byte>> finish();

 private:
  struct Output {
    std::string value;
    onnx::ValueInfoProto info;
  };

  onnx::GraphProto& graph() { return *model_.mutable_graph(); }
  std::string fresh_name();
  std::string unique_end_name(const std::string& name);
  void name_outputs();

  onnx::ModelProto model_;
  std::set<std::string, std::less<>> end_names_;  ///< Of inputs and outputs.
  std::vector<Output> outputs_;
  std::map<std::string, std::pair<std::string, std::vector<std::int64_t>>> transpositions_;
  std::uint64_t next_ = 0;
};

}  // namespace retinue
