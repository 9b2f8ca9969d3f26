#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "models/onnx_graph.hpp"
#include "models/tflite_operators.hpp"

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;

/// Axis of the planar order by axis of the file's.
constexpr std::array<std::int64_t, 4> kPlanarAxis{0, 2, 3, 1};

/// Counted from the front; nullopt: there is no such axis.
std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
  const auto axes = static_cast<std::int64_t>(rank);
  if (axis < 0) axis += axes;
  if (axis < 0 || axis >= axes) return std::nullopt;
  return static_cast<std::size_t>(axis);
}

std::int64_t axis_in_order(std::size_t axis, bool planar) {
  return planar ? kPlanarAxis.at(axis) : static_cast<std::int64_t>(axis);
}

/// Without the reduced axes the order of the others would be another.
bool reduces_planar(const TfliteGraph& graph, const TfliteOperator& op, bool keeps) {
  return keeps && graph.rank(op.inputs[0]) == 4 && graph.is_planar(op.inputs[0]);
}

Result<Extents> reduced_axes(TfliteGraph& graph, const TfliteOperator& op, bool keeps) {
  Extents axes;
  const Extents numbers = TRY(graph.integers(op, 1));
  for (const std::int64_t named : numbers) {
    const std::optional<std::size_t> axis = axis_of(named, graph.rank(op.inputs[0]));
    if (!axis) return corrupt_operator("it names an axis that is not there");
    axes.push_back(axis_in_order(*axis, reduces_planar(graph, op, keeps)));
  }
  std::ranges::sort(axes);
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  if (axes.empty()) return unsupported_operator("it names no axis");
  return axes;
}

Result<void> reduce(TfliteGraph& graph, const TfliteOperator& op, std::string_view onnx_name) {
  const bool keeps = op.options.scalar<std::uint8_t>(0, 0) != 0;
  if (keeps && graph.rank(op.outputs[0]) != graph.rank(op.inputs[0])) {
    return corrupt_operator("it changes the rank");
  }
  const bool planar = reduces_planar(graph, op, keeps);
  const Extents axes = TRY(reduced_axes(graph, op, keeps));
  std::vector<std::string> operands(1);
  operands[0] = TRY(graph.in_order(op.inputs[0], planar));
  // In operator set 13 the axes are an input of ReduceSum alone.
  const bool is_sum = onnx_name == "ReduceSum";
  if (is_sum) operands.push_back(graph.builder().add_integers(axes));
  std::string result = graph.builder().add(onnx_name, operands);
  if (!is_sum) set_ints_attribute(graph.builder().last(), "axes", axes);
  set_int_attribute(graph.builder().last(), "keepdims", keeps ? 1 : 0);
  return graph.set(op.outputs[0], std::move(result), planar);
}

Result<void> sum(TfliteGraph& graph, const TfliteOperator& op) {
  return reduce(graph, op, "ReduceSum");
}

Result<void> mean(TfliteGraph& graph, const TfliteOperator& op) {
  return reduce(graph, op, "ReduceMean");
}

Result<void> concatenation(TfliteGraph& graph, const TfliteOperator& op) {
  const std::optional<std::size_t> axis =
      axis_of(op.options.scalar<std::int32_t>(0, 0), graph.rank(op.outputs[0]));
  if (!axis) return corrupt_operator("it names an axis that is not there");
  const bool planar = graph.prefers_planar(op);
  std::vector<std::string> operands;
  for (const std::int32_t number : op.inputs) {
    if (number < 0 || graph.rank(number) != graph.rank(op.outputs[0]))
      return corrupt_operator("its ranks differ");
    const std::string part = TRY(graph.in_order(number, planar));
    operands.push_back(part);
  }
  const std::string joined = graph.builder().add("Concat", operands);
  set_int_attribute(graph.builder().last(), "axis", axis_in_order(*axis, planar));
  std::string result = TRY(graph.activated(joined, op.options.scalar<std::int8_t>(1, 0)));
  return graph.set(op.outputs[0], std::move(result), planar);
}

Result<void> pad(TfliteGraph& graph, const TfliteOperator& op) {
  const Extents pairs = TRY(graph.integers(op, 1));
  const std::size_t axes = graph.rank(op.inputs[0]);
  if (pairs.size() != 2 * axes || graph.rank(op.outputs[0]) != axes) {
    return corrupt_operator("it does not have two numbers for each axis");
  }
  const bool planar = graph.prefers_planar(op);
  Extents pads(2 * axes, 0);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const auto place = static_cast<std::size_t>(axis_in_order(axis, planar));
    pads[place] = pairs[2 * axis];
    pads[axes + place] = pairs[2 * axis + 1];
  }
  if (std::ranges::any_of(pads, [](std::int64_t n) { return n < 0; })) {
    return corrupt_operator("it adds less than nothing");
  }
  const std::string x = TRY(graph.in_order(op.inputs[0], planar));
  return graph.set(op.outputs[0],
                   graph.builder().add("Pad", {x, graph.builder().add_integers(pads)}), planar);
}

Result<void> transpose(TfliteGraph& graph, const TfliteOperator& op) {
  const Extents order = TRY(graph.integers(op, 1));
  Extents sorted = order;
  std::ranges::sort(sorted);
  Extents axes(graph.rank(op.inputs[0]));
  std::iota(axes.begin(), axes.end(), 0);
  if (sorted != axes || graph.rank(op.outputs[0]) != axes.size()) {
    return corrupt_operator("its order of axes is none");
  }
  const std::string x = TRY(graph.file_order(op.inputs[0]));
  return graph.set(op.outputs[0], graph.builder().transpose(x, order), false);
}

/// To the shape of the result, which RESHAPE, SQUEEZE and EXPAND_DIMS all say.
Result<void> reshape(TfliteGraph& graph, const TfliteOperator& op) {
  const Extents& target = graph.shape(op.outputs[0]);
  const Extents& source = graph.shape(op.inputs[0]);
  if (product_of(target) != product_of(source)) {
    return corrupt_operator("its result has another number of elements");
  }
  // One pixel, or one channel, lies alike in both orders.
  const bool alike =
      graph.is_planar(op.inputs[0]) && (source[3] == 1 || source[1] * source[2] == 1);
  const std::string x = TRY(graph.in_order(op.inputs[0], alike));
  return graph.set(op.outputs[0],
                   graph.builder().add("Reshape", {x, graph.builder().add_integers(target)}),
                   false);
}

/// What STRIDED_SLICE keeps of each axis that it cuts, and which axes it drops.
struct Cut {
  Extents starts;
  Extents ends;
  Extents axes;
  Extents dropped;
};

bool has_bit(std::int32_t bits, std::size_t axis) {
  return ((bits >> axis) & 1) != 0;
}

/// The masks of the schema's StridedSliceOptions, by field.
std::int32_t slice_mask(const TfliteOperator& op, int field) {
  return op.options.scalar<std::int32_t>(field, 0);
}

struct CutPlaces {
  std::int64_t first;
  std::int64_t last;
};

/// Where an axis of `extent` is cut that the masks of `op` may say otherwise than `begin` and
/// `end`.
CutPlaces cut_places(const TfliteOperator& op, std::size_t axis, std::int64_t extent,
                     std::int64_t begin, std::int64_t end) {
  const auto place = [extent](std::int64_t named) {
    return std::clamp<std::int64_t>(named < 0 ? named + extent : named, 0, extent);
  };
  const bool one = has_bit(slice_mask(op, 4), axis);
  const bool from_first = has_bit(slice_mask(op, 0), axis) && !one;
  const std::int64_t first = from_first ? 0 : place(begin);
  if (one) return {first, std::min(first + 1, extent)};
  return {first, has_bit(slice_mask(op, 1), axis) ? extent : place(end)};
}

Result<Cut> cut_of(TfliteGraph& graph, const TfliteOperator& op) {
  const Extents& shape = graph.shape(op.inputs[0]);
  const Extents begin = TRY(graph.integers(op, 1));
  const Extents end = TRY(graph.integers(op, 2));
  const Extents step = TRY(graph.integers(op, 3));
  if (begin.size() != shape.size() || end.size() != shape.size() || step.size() != shape.size()) {
    return unsupported_operator("it does not name every axis");
  }
  Cut cut;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t extent = shape[axis];
    if (step[axis] != 1) return unsupported_operator("it takes steps other than 1");
    const auto [first, last] = cut_places(op, axis, extent, begin[axis], end[axis]);
    if (last <= first) return unsupported_operator("its result is empty");
    if (has_bit(slice_mask(op, 4), axis)) cut.dropped.push_back(static_cast<std::int64_t>(axis));
    if (first == 0 && last == extent) continue;
    cut.starts.push_back(first);
    cut.ends.push_back(last);
    cut.axes.push_back(static_cast<std::int64_t>(axis));
  }
  return cut;
}

Result<void> strided_slice(TfliteGraph& graph, const TfliteOperator& op) {
  if (slice_mask(op, 2) != 0 || slice_mask(op, 3) != 0 || slice_mask(op, 5) != 0) {
    return unsupported_operator(
        "it inserts axes, leaves some out, or counts ends from the beginning");
  }
  const Cut cut = TRY(cut_of(graph, op));
  if (graph.rank(op.outputs[0]) + cut.dropped.size() != graph.rank(op.inputs[0]))
    return corrupt_operator("its ranks differ");
  OnnxBuilder& builder = graph.builder();
  std::string result = TRY(graph.file_order(op.inputs[0]));
  if (!cut.axes.empty()) {
    result = builder.add("Slice", {result, builder.add_integers(cut.starts),
                                   builder.add_integers(cut.ends), builder.add_integers(cut.axes)});
  }
  if (!cut.dropped.empty()) {
    result = builder.add("Squeeze", {result, builder.add_integers(cut.dropped)});
  }
  return graph.set(op.outputs[0], std::move(result), false);
}

Result<void> pack(TfliteGraph& graph, const TfliteOperator& op) {
  const std::optional<std::size_t> axis =
      axis_of(op.options.scalar<std::int32_t>(1, 0), graph.rank(op.outputs[0]));
  if (!axis) return corrupt_operator("it names an axis that is not there");
  const Extents new_axis{static_cast<std::int64_t>(*axis)};
  std::vector<std::string> operands;
  for (const std::int32_t number : op.inputs) {
    if (number < 0 || graph.rank(number) + 1 != graph.rank(op.outputs[0]))
      return corrupt_operator("its ranks differ");
    const std::string x = TRY(graph.file_order(number));
    operands.push_back(
        graph.builder().add("Unsqueeze", {x, graph.builder().add_integers(new_axis)}));
  }
  std::string result = graph.builder().add("Concat", operands);
  set_int_attribute(graph.builder().last(), "axis", new_axis[0]);
  return graph.set(op.outputs[0], std::move(result), false);
}

Result<void> unpack(TfliteGraph& graph, const TfliteOperator& op) {
  const std::optional<std::size_t> axis =
      axis_of(op.options.scalar<std::int32_t>(1, 0), graph.rank(op.inputs[0]));
  if (!axis || graph.shape(op.inputs[0])[*axis] != static_cast<std::int64_t>(op.outputs.size())) {
    return corrupt_operator("it does not make one result for each part");
  }
  const std::string x = TRY(graph.file_order(op.inputs[0]));
  for (std::size_t part = 0; part < op.outputs.size(); ++part) {
    const std::string index = graph.builder().add_index(static_cast<std::int64_t>(part));
    std::string result = graph.builder().add("Gather", {x, index});
    set_int_attribute(graph.builder().last(), "axis", static_cast<std::int64_t>(*axis));
    TRY(graph.set(op.outputs[part], std::move(result), false));
  }
  return {};
}

Result<void> arg_max(TfliteGraph& graph, const TfliteOperator& op) {
  const Extents named = TRY(graph.integers(op, 1));
  const std::optional<std::size_t> axis =
      named.size() == 1 ? axis_of(named[0], graph.rank(op.inputs[0])) : std::nullopt;
  if (!axis) return corrupt_operator("it names no axis that is there");
  const std::string x = TRY(graph.file_order(op.inputs[0]));
  std::string result = graph.builder().add("ArgMax", {x});
  set_int_attribute(graph.builder().last(), "axis", static_cast<std::int64_t>(*axis));
  set_int_attribute(graph.builder().last(), "keepdims", 0);
  if (graph.tensor(op.outputs[0]).type != TfliteType::int64) {
    result = graph.builder().add("Cast", {result});
    set_int_attribute(graph.builder().last(), "to", onnx::TensorProto::INT32);
  }
  return graph.set(op.outputs[0], std::move(result), false);
}

Result<void> gather_nd(TfliteGraph& graph, const TfliteOperator& op) {
  const std::string x = TRY(graph.file_order(op.inputs[0]));
  const std::string places = TRY(graph.file_order(op.inputs[1]));
  const std::string wide = graph.builder().add("Cast", {places});
  set_int_attribute(graph.builder().last(), "to", onnx::TensorProto::INT64);
  return graph.set(op.outputs[0], graph.builder().add("GatherND", {x, wide}), false);
}

constexpr std::array kRules{
    TfliteRule{"ARG_MAX", 2, arg_max},
    TfliteRule{"CONCATENATION", 1, concatenation},
    TfliteRule{"EXPAND_DIMS", 1, reshape},
    TfliteRule{"GATHER_ND", 2, gather_nd},
    TfliteRule{"MEAN", 2, mean},
    TfliteRule{"PACK", 1, pack},
    TfliteRule{"PAD", 2, pad},
    TfliteRule{"RESHAPE", 1, reshape},
    TfliteRule{"SQUEEZE", 1, reshape},
    TfliteRule{"STRIDED_SLICE", 4, strided_slice},
    TfliteRule{"SUM", 2, sum},
    TfliteRule{"TRANSPOSE", 2, transpose},
    TfliteRule{"UNPACK", 1, unpack},
};

}  // namespace

std::span<const TfliteRule> tflite_axis_rules() {
  return kRules;
}

}  // namespace retinue
