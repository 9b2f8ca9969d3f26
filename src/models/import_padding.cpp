#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "models/import_passes.hpp"
#include "models/onnx_shapes.hpp"

namespace retinue {
namespace {

/// Above this the identity matrix costs more than the reorders it saves.
constexpr std::int64_t kMaxChannels = 256;

struct ChannelPadding {
  std::int64_t channels = 0;
  std::int64_t appended = 0;
};

bool pads_with_zero(const OnnxGraph& graph, const onnx::NodeProto& node) {
  const onnx::AttributeProto* mode = find_attribute(node, "mode");
  if (mode != nullptr && mode->s() != "constant") return false;
  if (const onnx::AttributeProto* value = find_attribute(node, "value")) return value->f() == 0.0F;
  if (node.input_size() < 3 || node.input(2).empty()) return true;
  const onnx::TensorProto* value = graph.constant(node.input(2));
  const auto elements = value != nullptr ? float_elements(*value) : std::nullopt;
  return elements && elements->size() == 1 && elements->front() == 0.0F;
}

/// Nullopt: the node does anything but append zero channels to a known number of them.
std::optional<ChannelPadding> channel_padding(const OnnxGraph& graph, const ShapeTable& shapes,
                                              const onnx::NodeProto& node) {
  if (node.op_type() != "Pad" || !pads_with_zero(graph, node)) {
    return std::nullopt;
  }
  const Extents* input = node.input_size() > 0 ? shapes.find(node.input(0)) : nullptr;
  std::optional<Extents> pads = constant_pads(graph, node);
  if (input == nullptr || input->size() != 4 || !pads || pads->size() != 8) return std::nullopt;
  const ChannelPadding padding{.channels = (*input)[1], .appended = (*pads)[5]};
  (*pads)[5] = 0;
  const bool elsewhere = std::ranges::any_of(*pads, [](std::int64_t pad) { return pad != 0; });
  const bool sensible = padding.channels > 0 && padding.appended > 0 &&
                        padding.channels <= kMaxChannels && padding.appended <= kMaxChannels;
  return sensible && !elsewhere ? std::optional(padding) : std::nullopt;
}

onnx::TensorProto identity_weights(std::string name, const ChannelPadding& padding) {
  const std::int64_t rows = padding.channels + padding.appended;
  const std::vector<std::int64_t> shape{rows, padding.channels, 1, 1};
  std::vector<float> weights(static_cast<std::size_t>(rows * padding.channels));
  for (std::int64_t i = 0; i < padding.channels; ++i) {
    weights[static_cast<std::size_t>(i * (padding.channels + 1))] = 1.0F;
  }
  return make_float_tensor(std::move(name), shape, weights);
}

}  // namespace

std::optional<std::int64_t> appended_channels(const OnnxGraph& graph, const ShapeTable& shapes,
                                              const onnx::NodeProto& node) {
  const std::optional<ChannelPadding> padding = channel_padding(graph, shapes, node);
  return padding ? std::optional(padding->appended) : std::nullopt;
}

int rewrite_channel_padding(OnnxGraph& graph) {
  const ShapeTable shapes(graph);
  std::vector<onnx::NodeProto> nodes;
  int count = 0;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    const std::optional<ChannelPadding> padding = channel_padding(graph, shapes, node);
    if (!padding) {
      nodes.push_back(node);
      continue;
    }
    const std::string weights = graph.fresh_name("identity");
    graph.add_constant(identity_weights(weights, *padding));
    nodes.push_back(make_node("Conv", {node.input(0), weights}, node.output(0)));
    set_ints_attribute(nodes.back(), "kernel_shape", {1, 1});
    ++count;
  }
  if (count > 0) graph.replace_nodes(std::move(nodes));
  return count;
}

}  // namespace retinue
