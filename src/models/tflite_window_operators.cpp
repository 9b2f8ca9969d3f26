#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "models/onnx_graph.hpp"
#include "models/tflite_operators.hpp"

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;

constexpr std::int8_t kSamePadding = 0;
constexpr std::int8_t kValidPadding = 1;

/// Which way a window slides: rows, then columns.
struct Window {
  std::array<std::int64_t, 2> kernel{};
  std::array<std::int64_t, 2> strides{};
  std::array<std::int64_t, 2> dilations{1, 1};
  std::int8_t padding = kSamePadding;
};

/// Zeros around the picture, [top, left, bottom, right], as the schema's Padding means them.
Result<Extents> pads_of(const Window& window, const Extents& picture) {
  if (window.padding == kValidPadding) return Extents{0, 0, 0, 0};
  if (window.padding != kSamePadding)
    return corrupt_operator("its padding is neither SAME nor VALID");
  Extents pads(4, 0);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t extent = picture[axis + 1];
    const std::int64_t reach = (window.kernel.at(axis) - 1) * window.dilations.at(axis) + 1;
    const std::int64_t steps = (extent + window.strides.at(axis) - 1) / window.strides.at(axis);
    const std::int64_t total =
        std::max<std::int64_t>((steps - 1) * window.strides.at(axis) + reach - extent, 0);
    pads[axis] = total / 2;
    pads[axis + 2] = total - total / 2;
  }
  return pads;
}

Result<void> check(const Window& window) {
  constexpr std::int64_t kMax = 1 << 16;
  const auto sane = [](const std::array<std::int64_t, 2>& numbers) {
    return std::ranges::all_of(numbers, [](std::int64_t n) { return n >= 1 && n <= kMax; });
  };
  if (sane(window.kernel) && sane(window.strides) && sane(window.dilations)) return {};
  return corrupt_operator("its window has an extent, a stride or a dilation that cannot be");
}

/// Sets the attributes of the last node.
void slide(OnnxBuilder& builder, const Window& window, const Extents& pads) {
  set_ints_attribute(builder.last(), "kernel_shape", {window.kernel[0], window.kernel[1]});
  set_ints_attribute(builder.last(), "strides", {window.strides[0], window.strides[1]});
  set_ints_attribute(builder.last(), "pads", pads);
}

/// Weights are [outputs, rows, columns, inputs], or depthwise [1, rows, columns, outputs].
Result<void> convolve(TfliteGraph& graph, const TfliteOperator& op, Window window,
                      std::int8_t activation, bool depthwise) {
  const ConstantTensor* weights = TRY(graph.real_constant(op, 1));
  const bool ranks =
      graph.rank(op.inputs[0]) == 4 && weights->shape.size() == 4 && graph.rank(op.outputs[0]) == 4;
  if (!ranks) return corrupt_operator("its picture or its weights do not have four axes");
  window.kernel = {weights->shape[1], weights->shape[2]};
  TRY(check(window));
  const std::int64_t inputs = graph.shape(op.inputs[0])[3];
  const std::int64_t of_group = weights->shape[3];
  const bool fits = depthwise ? inputs > 0 && weights->shape[0] == 1 && of_group % inputs == 0
                              : of_group > 0 && inputs % of_group == 0;
  if (!fits) return corrupt_operator("its weights do not fit the channels of its picture");
  const Extents pads = TRY(pads_of(window, graph.shape(op.inputs[0])));
  constexpr std::array<std::int64_t, 4> kDepthwise{3, 0, 1, 2};
  const std::string x = TRY(graph.planar_order(op.inputs[0]));
  const std::string taps =
      TRY(graph.add_constant(transposed(*weights, depthwise ? kDepthwise : kPlanarFromFile)));
  std::vector<std::string> operands{x, taps};
  if (op.inputs.size() > 2 && op.inputs[2] >= 0) {
    const ConstantTensor* bias = TRY(graph.real_constant(op, 2));
    const std::string added = TRY(graph.add_constant(*bias));
    operands.push_back(added);
  }
  const std::string convolved = graph.builder().add("Conv", operands);
  slide(graph.builder(), window, pads);
  set_ints_attribute(graph.builder().last(), "dilations",
                     {window.dilations[0], window.dilations[1]});
  set_int_attribute(graph.builder().last(), "group", depthwise ? inputs : inputs / of_group);
  std::string result = TRY(graph.activated(convolved, activation));
  return graph.set(op.outputs[0], std::move(result), true);
}

/// The options of CONV_2D and DEPTHWISE_CONV_2D are the same but for the fields behind the strides.
Window window_of(const TfliteOperator& op, int dilation_field) {
  return {.kernel = {},
          .strides = {op.options.scalar<std::int32_t>(2, 0), op.options.scalar<std::int32_t>(1, 0)},
          .dilations = {op.options.scalar<std::int32_t>(dilation_field + 1, 1),
                        op.options.scalar<std::int32_t>(dilation_field, 1)},
          .padding = op.options.scalar<std::int8_t>(0, 0)};
}

Result<void> convolution(TfliteGraph& graph, const TfliteOperator& op) {
  return convolve(graph, op, window_of(op, 4), op.options.scalar<std::int8_t>(3, 0), false);
}

Result<void> depthwise_convolution(TfliteGraph& graph, const TfliteOperator& op) {
  return convolve(graph, op, window_of(op, 5), op.options.scalar<std::int8_t>(4, 0), true);
}

Result<void> pool(TfliteGraph& graph, const TfliteOperator& op, std::string_view onnx_name) {
  if (graph.rank(op.inputs[0]) != 4 || graph.rank(op.outputs[0]) != 4) {
    return corrupt_operator("its picture does not have four axes");
  }
  const Window window{
      .kernel = {op.options.scalar<std::int32_t>(4, 0), op.options.scalar<std::int32_t>(3, 0)},
      .strides = {op.options.scalar<std::int32_t>(2, 0), op.options.scalar<std::int32_t>(1, 0)},
      .padding = op.options.scalar<std::int8_t>(0, 0)};
  TRY(check(window));
  const Extents pads = TRY(pads_of(window, graph.shape(op.inputs[0])));
  const std::string x = TRY(graph.planar_order(op.inputs[0]));
  const std::string pooled = graph.builder().add(onnx_name, {x});  // Pads do not count.
  slide(graph.builder(), window, pads);
  std::string result = TRY(graph.activated(pooled, op.options.scalar<std::int8_t>(5, 0)));
  return graph.set(op.outputs[0], std::move(result), true);
}

Result<void> average_pool(TfliteGraph& graph, const TfliteOperator& op) {
  return pool(graph, op, "AveragePool");
}

Result<void> max_pool(TfliteGraph& graph, const TfliteOperator& op) {
  return pool(graph, op, "MaxPool");
}

Result<void> depth_to_space(TfliteGraph& graph, const TfliteOperator& op) {
  const std::int32_t block = op.options.scalar<std::int32_t>(0, 0);
  if (graph.rank(op.outputs[0]) != 4 || graph.rank(op.inputs[0]) != 4 || block < 1) {
    return corrupt_operator("its picture does not have four axes, or it has no blocks");
  }
  const std::string x = TRY(graph.planar_order(op.inputs[0]));
  std::string result = graph.builder().add("DepthToSpace", {x});
  set_int_attribute(graph.builder().last(), "blocksize", block);
  return graph.set(op.outputs[0], std::move(result), true);
}

Result<void> resize_bilinear(TfliteGraph& graph, const TfliteOperator& op) {
  if (graph.rank(op.outputs[0]) != 4 || graph.rank(op.inputs[0]) != 4) {
    return corrupt_operator("its picture does not have four axes");
  }
  const Extents from = planar_shape(graph.shape(op.inputs[0]));
  const Extents to = planar_shape(graph.shape(op.outputs[0]));
  const std::string x = TRY(graph.planar_order(op.inputs[0]));
  // Scales leave the batch open; they say the size exactly only where it is a multiple.
  const bool multiple = from[2] > 0 && from[3] > 0 && to[2] % from[2] == 0 && to[3] % from[3] == 0;
  std::vector<std::string> operands{x, "", ""};
  if (multiple) {
    const auto scale = [&](std::size_t axis) { return static_cast<float>(to[axis] / from[axis]); };
    operands[2] = graph.builder().add_constant({.kind = ConstantTensor::Kind::real,
                                                .shape = {4},
                                                .reals = {1.0F, 1.0F, scale(2), scale(3)},
                                                .integers = {}});
  } else {
    operands.push_back(graph.builder().add_integers(to));
  }
  std::string result = graph.builder().add("Resize", operands);
  const bool corners = op.options.scalar<std::uint8_t>(2, 0) != 0;
  const bool half_pixel = op.options.scalar<std::uint8_t>(3, 0) != 0;
  const char* grid = half_pixel ? "half_pixel" : "asymmetric";
  set_text_attribute(graph.builder().last(), "mode", "linear");
  set_text_attribute(graph.builder().last(), "coordinate_transformation_mode",
                     corners ? "align_corners" : grid);
  return graph.set(op.outputs[0], std::move(result), true);
}

constexpr std::array kRules{
    TfliteRule{"AVERAGE_POOL_2D", 1, average_pool},
    TfliteRule{"CONV_2D", 2, convolution},
    TfliteRule{"DEPTHWISE_CONV_2D", 2, depthwise_convolution},
    TfliteRule{"DEPTH_TO_SPACE", 1, depth_to_space},
    TfliteRule{"MAX_POOL_2D", 1, max_pool},
    TfliteRule{"RESIZE_BILINEAR", 1, resize_bilinear},
};

}  // namespace

std::span<const TfliteRule> tflite_window_rules() {
  return kRules;
}

}  // namespace retinue
