/// Static shapes of a graph's values, as far as the operators known here tell. Private to this
/// module. ONNX's own shape inference is not used: it is not safe on a stranger's model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/onnx_graph.hpp"

namespace retinue {

/// Outermost first; -1 is an extent that is not known.
using Extents = std::vector<std::int64_t>;

/// Shapes by value name.
class ShapeTable {
 public:
  /// Shapes of inputs and constants, then of every node that follows from them.
  explicit ShapeTable(const OnnxGraph& graph);

  /// Null: not even the rank is known.
  const Extents* find(std::string_view name) const;

 private:
  std::unordered_map<std::string, Extents> shapes_;
};

/// Axes a Reduce*, Squeeze or Unsqueeze node names in its attribute or its second input, counted
/// from the front for a tensor of `rank`. Nullopt: computed at run time, or out of range. Empty:
/// none named.
std::optional<Extents> named_axes(const OnnxGraph& graph, const onnx::NodeProto& node,
                                  std::size_t rank);

/// An int64 constant; nullopt: computed at run time, or not there.
std::optional<Extents> constant_integers(const OnnxGraph& graph, const onnx::NodeProto& node,
                                         int input);

/// How much a Pad node adds before each axis, then after each: its second input, or before opset 11
/// its attribute. Nullopt: computed at run time, or only some axes are named.
std::optional<Extents> constant_pads(const OnnxGraph& graph, const onnx::NodeProto& node);

/// Product of known extents; nullopt: one is unknown, or the product is beyond all reason.
std::optional<std::int64_t> product(const Extents& extents);

}  // namespace retinue
