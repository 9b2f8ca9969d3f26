#include "models/onnx_shapes.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace retinue {
namespace {

constexpr std::int64_t kUnknown = -1;

/// Larger extents, strides and pads are treated as unknown, so that no sum or product overflows.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 24;
constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;

std::int64_t known_or_unknown(std::int64_t extent) {
  return extent >= 0 && extent <= kMaxExtent ? extent : kUnknown;
}

struct Context {
  const OnnxGraph& graph;
  const ShapeTable& shapes;
  const onnx::NodeProto& node;

  const Extents* input(int index) const {
    return index < node.input_size() ? shapes.find(node.input(index)) : nullptr;
  }
};

using Shape = std::optional<Extents>;

Shape same_as_input(const Context& context) {
  const Extents* input = context.input(0);
  return input != nullptr ? Shape(*input) : std::nullopt;
}

Shape broadcast(const Context& context) {
  Extents result;
  for (int i = 0; i < context.node.input_size(); ++i) {
    const Extents* operand = context.input(i);
    if (operand == nullptr) return std::nullopt;
    if (operand->size() > result.size()) {
      result.insert(result.begin(), operand->size() - result.size(), 1);
    }
    const std::size_t offset = result.size() - operand->size();
    for (std::size_t axis = 0; axis < operand->size(); ++axis) {
      std::int64_t& extent = result[offset + axis];
      const std::int64_t other = (*operand)[axis];
      if (extent == 1 || (extent == kUnknown && other > 1)) extent = other;
    }
  }
  return result;
}

/// The sliding-window settings that Conv and the pools share, one value a spatial axis.
struct Window {
  Extents kernel, strides, dilations, pads;
  std::string auto_pad;
  bool ceil = false;

  std::int64_t output_extent(std::int64_t input, std::size_t axis, std::size_t axes) const {
    const std::int64_t stride = strides[axis];
    const bool odd = input == kUnknown || stride < 1 || stride > kMaxExtent || kernel[axis] < 1 ||
                     kernel[axis] > kMaxExtent || dilations[axis] < 1 ||
                     dilations[axis] > kMaxExtent;
    if (odd) return kUnknown;
    const std::int64_t reach = (kernel[axis] - 1) * dilations[axis] + 1;
    if (auto_pad.starts_with("SAME")) return (input + stride - 1) / stride;
    std::int64_t padded = input;
    if (auto_pad != "VALID") {
      if (known_or_unknown(pads[axis]) == kUnknown ||
          known_or_unknown(pads[axes + axis]) == kUnknown) {
        return kUnknown;
      }
      padded += pads[axis] + pads[axes + axis];
    }
    if (padded < reach) return kUnknown;
    return (padded - reach + (ceil ? stride - 1 : 0)) / stride + 1;
  }
};

std::optional<Window> read_window(const onnx::NodeProto& node, Extents kernel) {
  const std::size_t axes = kernel.size();
  const auto ints = [&](std::string_view name, std::size_t count, std::int64_t otherwise) {
    Extents values = ints_attribute(node, name);
    if (values.empty()) values.assign(count, otherwise);
    return values;
  };
  Window window{.kernel = std::move(kernel),
                .strides = ints("strides", axes, 1),
                .dilations = ints("dilations", axes, 1),
                .pads = ints("pads", 2 * axes, 0),
                .auto_pad = {},
                .ceil = int_attribute(node, "ceil_mode", 0) != 0};
  if (const onnx::AttributeProto* mode = find_attribute(node, "auto_pad")) {
    window.auto_pad = mode->s();
  }
  const bool consistent = window.strides.size() == axes && window.dilations.size() == axes &&
                          window.pads.size() == 2 * axes;
  return consistent ? std::optional(std::move(window)) : std::nullopt;
}

Shape slide(const Extents& input, std::int64_t channels, const std::optional<Window>& window) {
  if (!window || input.size() != window->kernel.size() + 2) return std::nullopt;
  Extents result{input[0], channels};
  for (std::size_t axis = 0; axis + 2 < input.size(); ++axis) {
    result.push_back(window->output_extent(input[axis + 2], axis, window->kernel.size()));
  }
  return result;
}

Shape conv(const Context& context) {
  const Extents* input = context.input(0);
  const Extents* weights = context.input(1);
  if (input == nullptr || weights == nullptr || weights->size() < 3) return std::nullopt;
  const Extents kernel(weights->begin() + 2, weights->end());
  return slide(*input, (*weights)[0], read_window(context.node, kernel));
}

/// [batch, planes, rows, columns] to [batch, rows, columns, channels].
Shape stem_convolution(const Context& context) {
  const Extents* input = context.input(0);
  const Extents* weights = context.input(1);
  if (input == nullptr || weights == nullptr || weights->size() != 4) return std::nullopt;
  const std::int64_t stride = int_attribute(context.node, "stride", 1);
  std::optional<Window> window = read_window(context.node, {(*weights)[2], (*weights)[3]});
  if (!window) return std::nullopt;
  window->strides.assign(2, stride);
  Shape planes = slide(*input, (*weights)[0], window);
  if (!planes) return std::nullopt;
  return Extents{(*planes)[0], (*planes)[2], (*planes)[3], (*planes)[1]};
}

/// [batch, rows, columns, channels] both.
Shape separable_block(const Context& context) {
  constexpr int kFirstWeights = 1;
  constexpr int kLastWeights = 7;
  const Extents* input = context.input(0);
  const Extents* weights = context.input(kLastWeights);
  if (weights != nullptr && weights->size() != 4) weights = context.input(kFirstWeights);
  const std::int64_t stride = int_attribute(context.node, "stride", 1);
  const bool understood = input != nullptr && input->size() == 4 && weights != nullptr &&
                          weights->size() == 4 && (stride == 1 || stride == 2);
  if (!understood) return std::nullopt;
  const auto over_stride = [&](std::int64_t extent) {
    return extent == kUnknown ? kUnknown : extent / stride;
  };
  return Extents{(*input)[0], over_stride((*input)[1]), over_stride((*input)[2]), (*weights)[0]};
}

/// [batch, 1, tokens, channels] both.
Shape mixer_block(const Context& context) {
  const Extents* input = context.input(0);
  const std::int64_t results = int_attribute(context.node, "results", 0);
  if (input == nullptr || input->size() != 4 || results < 1) return std::nullopt;
  return Extents{(*input)[0], 1, known_or_unknown(results), (*input)[3]};
}

Shape pool(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr || input->size() < 3) return std::nullopt;
  return slide(*input, (*input)[1],
               read_window(context.node, ints_attribute(context.node, "kernel_shape")));
}

Shape global_pool(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr || input->size() < 3) return std::nullopt;
  Extents result(input->size(), 1);
  result[0] = (*input)[0];
  result[1] = (*input)[1];
  return result;
}

Shape reshape(const Context& context) {
  const Extents* input = context.input(0);
  const Shape target = constant_integers(context.graph, context.node, 1);
  if (input == nullptr || !target || int_attribute(context.node, "allowzero", 0) != 0) {
    return std::nullopt;
  }
  Extents result = *target;
  Extents others;
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    if (result[axis] == 0) result[axis] = axis < input->size() ? (*input)[axis] : kUnknown;
    if ((*target)[axis] != -1) others.push_back(result[axis]);
  }
  const auto inferred = std::ranges::find(*target, -1);
  if (inferred != target->end()) {
    const std::optional<std::int64_t> total = product(*input);
    const std::optional<std::int64_t> rest = product(others);
    const bool divides = total && rest && *rest > 0 && *total % *rest == 0;
    result[static_cast<std::size_t>(inferred - target->begin())] =
        divides ? *total / *rest : kUnknown;
  }
  for (std::int64_t& extent : result)
    extent = known_or_unknown(extent);
  return result;
}

/// Two axes: those before `axis`, and the rest.
Shape flatten(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr) return std::nullopt;
  const auto axes = static_cast<std::int64_t>(input->size());
  const std::int64_t given = int_attribute(context.node, "axis", 1);
  const std::int64_t axis = given < 0 ? given + axes : given;
  if (axis < 0 || axis > axes) return std::nullopt;
  const auto middle = input->begin() + axis;
  return Extents{product({input->begin(), middle}).value_or(kUnknown),
                 product({middle, input->end()}).value_or(kUnknown)};
}

Shape transpose(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr) return std::nullopt;
  const Extents order = ints_attribute(context.node, "perm");
  if (order.empty()) return Extents(input->rbegin(), input->rend());
  if (order.size() != input->size()) return std::nullopt;
  Extents result;
  for (const std::int64_t axis : order) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(input->size())) return std::nullopt;
    result.push_back((*input)[static_cast<std::size_t>(axis)]);
  }
  return result;
}

Shape reduce(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr) return std::nullopt;
  Shape axes = named_axes(context.graph, context.node, input->size());
  if (!axes || axes->empty()) return std::nullopt;
  const bool keep = int_attribute(context.node, "keepdims", 1) != 0;
  Extents result;
  for (std::size_t axis = 0; axis < input->size(); ++axis) {
    const bool reduced = std::ranges::find(*axes, static_cast<std::int64_t>(axis)) != axes->end();
    if (!reduced) result.push_back((*input)[axis]);
    if (reduced && keep) result.push_back(1);
  }
  return result;
}

Shape squeeze(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr) return std::nullopt;
  const Shape axes = named_axes(context.graph, context.node, input->size());
  if (!axes || axes->empty()) return std::nullopt;
  Extents result;
  for (std::size_t axis = 0; axis < input->size(); ++axis) {
    if (std::ranges::find(*axes, static_cast<std::int64_t>(axis)) == axes->end()) {
      result.push_back((*input)[axis]);
    }
  }
  return result;
}

Shape concat(const Context& context) {
  const Extents* first = context.input(0);
  if (first == nullptr || first->empty()) return std::nullopt;
  std::int64_t axis = int_attribute(context.node, "axis", 1);
  if (axis < 0) axis += static_cast<std::int64_t>(first->size());
  if (axis < 0 || axis >= static_cast<std::int64_t>(first->size())) return std::nullopt;
  Extents result = *first;
  std::int64_t& joined = result[static_cast<std::size_t>(axis)];
  for (int i = 1; i < context.node.input_size(); ++i) {
    const Extents* other = context.input(i);
    if (other == nullptr || other->size() != first->size()) return std::nullopt;
    const std::int64_t extent = (*other)[static_cast<std::size_t>(axis)];
    joined =
        joined == kUnknown || extent == kUnknown ? kUnknown : known_or_unknown(joined + extent);
  }
  return result;
}

Shape slice(const Context& context) {
  const Extents* input = context.input(0);
  const Shape starts = constant_integers(context.graph, context.node, 1);
  const Shape ends = constant_integers(context.graph, context.node, 2);
  if (input == nullptr || !starts || !ends) return std::nullopt;
  const Shape axes = constant_integers(context.graph, context.node, 3);
  if (!axes || axes->size() != starts->size() || axes->size() != ends->size()) return std::nullopt;
  Extents result = *input;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    std::int64_t axis = (*axes)[i];
    if (axis < 0) axis += static_cast<std::int64_t>(result.size());
    if (axis < 0 || axis >= static_cast<std::int64_t>(result.size())) return std::nullopt;
    std::int64_t& extent = result[static_cast<std::size_t>(axis)];
    // A whole axis keeps its extent; of the rest only the forward case from 0 is worked out.
    const bool whole = (*starts)[i] == 0 && (*ends)[i] >= kMaxExtent;
    const bool head = (*starts)[i] == 0 && (*ends)[i] >= 0 && extent != kUnknown;
    if (context.node.input_size() > 4) return std::nullopt;
    if (!whole) extent = head ? std::min(extent, (*ends)[i]) : kUnknown;
  }
  return result;
}

Shape pad(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr) return std::nullopt;
  const Shape pads = constant_pads(context.graph, context.node);
  if (!pads || pads->size() != 2 * input->size()) return std::nullopt;
  Extents result = *input;
  for (std::size_t axis = 0; axis < result.size(); ++axis) {
    const std::int64_t before = (*pads)[axis];
    const std::int64_t after = (*pads)[axis + result.size()];
    const bool known = result[axis] != kUnknown && known_or_unknown(before) != kUnknown &&
                       known_or_unknown(after) != kUnknown;
    result[axis] = known ? known_or_unknown(result[axis] + before + after) : kUnknown;
  }
  return result;
}

/// To a constant size.
Shape resize_to(const Context& context, const Extents& input) {
  const std::optional<Extents> sizes = constant_integers(context.graph, context.node, 3);
  if (!sizes || sizes->size() != input.size()) return std::nullopt;
  Extents result;
  for (const std::int64_t size : *sizes)
    result.push_back(size > 0 ? known_or_unknown(size) : kUnknown);
  return result;
}

/// Resize by constant factors or to a constant size: other results hang on a computed one.
Shape resize(const Context& context) {
  const Extents* input = context.input(0);
  if (input == nullptr) return std::nullopt;
  if (context.node.input_size() == 4) return resize_to(context, *input);
  if (context.node.input_size() != 3) return std::nullopt;
  const onnx::TensorProto* tensor = context.graph.constant(context.node.input(2));
  const std::optional<std::vector<float>> scales =
      tensor != nullptr ? float_elements(*tensor) : std::nullopt;
  if (!scales || scales->size() != input->size()) return std::nullopt;
  Extents result;
  for (std::size_t axis = 0; axis < input->size(); ++axis) {
    const float scale = (*scales)[axis];
    const bool known = (*input)[axis] != kUnknown && scale > 0.0F && scale < 1024.0F;
    result.push_back(known ? known_or_unknown(static_cast<std::int64_t>(
                                 static_cast<float>((*input)[axis]) * scale))
                           : kUnknown);
  }
  return result;
}

/// By weights of two axes.
Shape mat_mul(const Context& context) {
  const Extents* input = context.input(0);
  const Extents* weights = context.input(1);
  const bool understood =
      input != nullptr && input->size() >= 2 && weights != nullptr && weights->size() == 2;
  if (!understood) return std::nullopt;
  Extents result = *input;
  result.back() = (*weights)[1];
  return result;
}

Shape unsqueeze(const Context& context) {
  const Extents* input = context.input(0);
  std::optional<Extents> named = constant_integers(context.graph, context.node, 1);
  if (!named) named = ints_attribute(context.node, "axes");
  constexpr std::size_t kMaxRank = 16;
  if (input == nullptr || named->empty() || input->size() + named->size() > kMaxRank) {
    return std::nullopt;
  }
  std::optional<Extents> axes =
      named_axes(context.graph, context.node, input->size() + named->size());
  if (!axes) return std::nullopt;
  std::ranges::sort(*axes);
  if (std::ranges::adjacent_find(*axes) != axes->end()) return std::nullopt;
  Extents result = *input;
  for (const std::int64_t axis : *axes)
    result.insert(result.begin() + axis, 1);
  return result;
}

Shape depth_to_space(const Context& context) {
  const Extents* input = context.input(0);
  const std::int64_t block = int_attribute(context.node, "blocksize", 0);
  if (input == nullptr || input->size() != 4 || block < 1 || block > 1024) return std::nullopt;
  Extents result = *input;
  const bool whole = (*input)[1] != kUnknown && (*input)[1] % (block * block) == 0;
  result[1] = whole ? (*input)[1] / (block * block) : kUnknown;
  for (const std::size_t axis : {std::size_t{2}, std::size_t{3}}) {
    const bool known = (*input)[axis] != kUnknown && (*input)[axis] < kMaxExtent / block;
    result[axis] = known ? known_or_unknown((*input)[axis] * block) : kUnknown;
  }
  return result;
}

using ShapeRule = Shape (*)(const Context&);

ShapeRule rule_for(std::string_view op) {
  static const std::unordered_map<std::string_view, ShapeRule> rules{
      {"Relu", same_as_input},
      {"LeakyRelu", same_as_input},
      {"PRelu", same_as_input},
      {"Sigmoid", same_as_input},
      {"Tanh", same_as_input},
      {"Neg", same_as_input},
      {"Sqrt", same_as_input},
      {"Reciprocal", same_as_input},
      {"Exp", same_as_input},
      {"Abs", same_as_input},
      {"Identity", same_as_input},
      {"Cast", same_as_input},
      {"Clip", same_as_input},
      {"Softmax", same_as_input},
      {"LayerNormalization", same_as_input},
      {"HardSwish", same_as_input},
      {"Elu", same_as_input},
      {"HardSigmoid", same_as_input},
      {"BatchNormalization", same_as_input},
      {"Add", broadcast},
      {"Sub", broadcast},
      {"Mul", broadcast},
      {"Div", broadcast},
      {"Min", broadcast},
      {"Max", broadcast},
      {"Pow", broadcast},
      {"Conv", conv},
      {"StemConvolution", stem_convolution},
      {"SeparableBlock", separable_block},
      {"MixerBlock", mixer_block},
      {"MaxPool", pool},
      {"AveragePool", pool},
      {"GlobalAveragePool", global_pool},
      {"GlobalMaxPool", global_pool},
      {"Reshape", reshape},
      {"Flatten", flatten},
      {"Transpose", transpose},
      {"ReduceMean", reduce},
      {"ReduceSum", reduce},
      {"ReduceMax", reduce},
      {"Squeeze", squeeze},
      {"Concat", concat},
      {"Slice", slice},
      {"Pad", pad},
      {"Resize", resize},
      {"DepthToSpace", depth_to_space},
      {"MatMul", mat_mul},
      {"Unsqueeze", unsqueeze},
  };
  const auto found = rules.find(op);
  return found == rules.end() ? nullptr : found->second;
}

}  // namespace

ShapeTable::ShapeTable(const OnnxGraph& graph) {
  for (const onnx::ValueInfoProto& input : graph.proto().input()) {
    if (!input.type().tensor_type().has_shape()) continue;
    Extents extents;
    for (const auto& dimension : input.type().tensor_type().shape().dim()) {
      const bool fixed = dimension.has_dim_value() && dimension.dim_value() > 0;
      extents.push_back(fixed ? known_or_unknown(dimension.dim_value()) : kUnknown);
    }
    shapes_.emplace(input.name(), std::move(extents));
  }
  for (const onnx::TensorProto& tensor : graph.proto().initializer()) {
    Extents extents;
    for (const std::int64_t extent : tensor.dims())
      extents.push_back(known_or_unknown(extent));
    shapes_.insert_or_assign(tensor.name(), std::move(extents));
  }
  for (const onnx::NodeProto& node : graph.proto().node()) {
    const ShapeRule rule = rule_for(node.op_type());
    if (rule == nullptr || node.output_size() == 0) continue;
    Shape shape = rule({.graph = graph, .shapes = *this, .node = node});
    if (shape) shapes_.emplace(node.output(0), *std::move(shape));
  }
}

const Extents* ShapeTable::find(std::string_view name) const {
  const auto found = shapes_.find(std::string(name));
  return found == shapes_.end() ? nullptr : &found->second;
}

std::optional<Extents> constant_integers(const OnnxGraph& graph, const onnx::NodeProto& node,
                                         int input) {
  if (input >= node.input_size()) return std::nullopt;
  const onnx::TensorProto* tensor = graph.constant(node.input(input));
  return tensor != nullptr ? int64_elements(*tensor) : std::nullopt;
}

std::optional<Extents> constant_pads(const OnnxGraph& graph, const onnx::NodeProto& node) {
  if (node.input_size() > 3) return std::nullopt;
  if (node.input_size() > 1) return constant_integers(graph, node, 1);
  return ints_attribute(node, "pads");
}

std::optional<Extents> named_axes(const OnnxGraph& graph, const onnx::NodeProto& node,
                                  std::size_t rank) {
  Extents axes = ints_attribute(node, "axes");
  if (node.input_size() > 1) {
    const std::optional<Extents> given = constant_integers(graph, node, 1);
    if (!given) return std::nullopt;
    axes = *given;
  }
  const auto count = static_cast<std::int64_t>(rank);
  for (std::int64_t& axis : axes) {
    if (axis < 0) axis += count;
    if (axis < 0 || axis >= count) return std::nullopt;
  }
  return axes;
}

std::optional<std::int64_t> product(const Extents& extents) {
  std::int64_t result = 1;
  for (const std::int64_t extent : extents) {
    if (extent < 0 || extent > kMaxExtent || result > kMaxElements) return std::nullopt;
    result *= extent;
  }
  return result;
}

}  // namespace retinue
