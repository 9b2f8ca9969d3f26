/// Models that answer what a test says, whatever they see: the outputs of a family without weights.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "models/tiny_graph.hpp"

namespace retinue {

/// One input picture; outputs are constants. Rows of a batch each get them.
class ConstantHeads {
 public:
  /// `input`: [1, 3, H, W] or [1, H, W, 3].
  explicit ConstantHeads(std::initializer_list<std::int64_t> input) {
    graph_.input("image", input);
    graph_.node("ReduceMean", {"image"}, "mean").attribute("axes", {1, 2, 3});
  }

  /// The mean of the picture's numbers, times `weight`, is added to the constants.
  ConstantHeads& output(const std::string& name, std::initializer_list<std::int64_t> shape,
                        const std::vector<float>& values, float weight = 0) {
    std::vector<std::int64_t> row(shape.size(), 1);
    row[0] = -1;
    graph_.constant(name + "_weight", {1}, {weight});
    graph_.integers(name + "_row", row);
    graph_.constant(name + "_values", shape, values);
    graph_.node("Mul", {"mean", name + "_weight"}, name + "_mean");
    graph_.node("Reshape", {name + "_mean", name + "_row"}, name + "_shift");
    graph_.node("Add", {name + "_shift", name + "_values"}, name);
    graph_.output(name, shape);
    return *this;
  }

  /// As exporters write it.
  ConstantHeads& metadata(const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto* entry = graph_.model().add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
    return *this;
  }

  TinyGraph& graph() { return graph_; }

 private:
  TinyGraph graph_;
};

}  // namespace retinue
