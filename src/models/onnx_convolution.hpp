/// Reading convolutions with constant weights off a graph. Private to this module.
#pragma once

#include <cstdint>
#include <optional>

#include "models/onnx_graph.hpp"
#include "models/onnx_shapes.hpp"

namespace retinue {

/// A Conv over pictures with constants, and the settings of its window.
struct Convolution {
  const onnx::NodeProto* node = nullptr;
  Extents weights;  ///< [outputs, inputs of a group, rows, columns]
  Extents strides;
  Extents pads;
  std::int64_t groups = 1;

  bool is_dense(std::int64_t kernel) const {
    return groups == 1 && weights[2] == kernel && weights[3] == kernel &&
           strides == Extents{kernel, kernel} && pads == Extents{0, 0, 0, 0};
  }
  bool is_depthwise_3x3() const {
    return groups == weights[0] && weights[1] == 1 && weights[2] == 3 && weights[3] == 3 &&
           strides == Extents{1, 1} && pads == Extents{1, 1, 1, 1};
  }
};

/// Nullopt: null, or not a Conv over pictures whose float32 constants and settings are all known.
std::optional<Convolution> constant_convolution(const OnnxGraph& graph,
                                                const onnx::NodeProto* node);

/// Null: the node has no such input, or it is not a float32 constant.
const onnx::TensorProto* float_constant(const OnnxGraph& graph, const onnx::NodeProto& node,
                                        int input);

}  // namespace retinue
