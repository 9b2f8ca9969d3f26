#include "models/openvino_operators.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "models/onnx_graph.hpp"

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;

// Ends and constants.

/// Inputs are there before all else.
Result<void> parameter(OpenvinoGraph& /*graph*/, const OpenvinoLayer& /*layer*/) {
  return {};
}

/// Named after the layer that makes it.
Result<void> result(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::optional<Extents> shape = layer.input_shape(0);
  if (!shape) return unsupported_openvino("its shape is open");
  const std::string value = TRY(graph.input(layer, 0));
  graph.builder().add_output(value, graph.maker_of_input(layer, 0), *shape,
                             onnx::TensorProto::FLOAT);
  return {};
}

/// Of an element type; 0: not read.
std::uint64_t bytes_of(std::string_view type) {
  if (type == "f16") return 2;
  if (type == "f32" || type == "i32") return 4;
  if (type == "i64" || type == "u64") return 8;
  return 0;
}

/// Counts the elements of a constant before they are read.
Result<std::uint64_t> take_elements_of(OpenvinoGraph& graph, const Extents& shape) {
  constexpr std::uint64_t kTooMany = std::uint64_t{1} << 36;  // And no product overflows.
  std::uint64_t count = 1;
  for (const std::int64_t extent : shape) {
    count *= static_cast<std::uint64_t>(extent);
    if (count > kTooMany) return corrupt_openvino("it is larger than the weights can mean");
  }
  TRY(graph.take_elements(count));
  return count;
}

void read_reals(std::string_view type, std::span<const std::byte> raw, ConstantTensor& constant) {
  onnx::TensorProto tensor;
  tensor.set_raw_data(raw.data(), raw.size());
  tensor.set_data_type(type == "f16" ? onnx::TensorProto::FLOAT16 : onnx::TensorProto::FLOAT);
  constant.reals = *float_elements(tensor);
}

void read_integers(std::uint64_t element_bytes, std::span<const std::byte> raw,
                   ConstantTensor& constant) {
  constant.kind = ConstantTensor::Kind::int64;
  constant.integers.resize(raw.size() / element_bytes);
  for (std::uint64_t i = 0; i < constant.integers.size(); ++i) {
    std::int64_t number = 0;
    std::memcpy(&number, raw.data() + i * element_bytes, element_bytes);
    constant.integers[i] = element_bytes == 4 ? static_cast<std::int32_t>(number) : number;
  }
}

Result<void> constant(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::string type = layer.data().attribute("element_type").as_string();
  ConstantTensor made;
  made.shape = TRY(layer.shape());
  const std::uint64_t count = TRY(take_elements_of(graph, made.shape));
  const std::uint64_t element_bytes = bytes_of(type);
  if (element_bytes == 0) {
    return unsupported_openvino("elements of type '" + type +
                                "' are not read: f16, f32, i32, i64, u64 are");
  }
  const std::span<const std::byte> weights = graph.weights();
  const std::uint64_t offset = layer.data().attribute("offset").as_ullong();
  if (offset > weights.size() || (weights.size() - offset) / element_bytes < count) {
    return corrupt_openvino("its data lie outside the " + std::to_string(weights.size()) +
                            " bytes of the .bin file");
  }
  const std::span<const std::byte> raw = weights.subspan(offset, count * element_bytes);
  if (type == "f16" || type == "f32") {
    read_reals(type, raw, made);
  } else {
    read_integers(element_bytes, raw, made);
  }
  graph.set_constant(layer, std::move(made));
  return {};
}

/// Between kinds of real numbers: all are float32 here.
Result<void> convert(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::string type = layer.data().attribute("destination_type").as_string();
  if (type != "f32" && type != "f16") return unsupported_openvino("it converts to '" + type + "'");
  const ConstantTensor* source = graph.constant_input(layer, 0);
  if (source == nullptr) {
    std::string value = TRY(graph.input(layer, 0));
    return graph.set(layer, std::move(value));
  }
  if (source->kind != ConstantTensor::Kind::real) {
    return unsupported_openvino("it makes whole numbers real");
  }
  TRY(graph.take_elements(source->size()));
  graph.set_constant(layer, *source);
  return {};
}

// Operators that ONNX has under another name, or likewise.

/// How an operator is written. Its first `inputs` inputs are there when `write` is called.
struct Rule {
  std::string_view type;
  std::size_t inputs;
  Result<void> (*write)(OpenvinoGraph& graph, const OpenvinoLayer& layer);
};

Result<void> plain(OpenvinoGraph& graph, const OpenvinoLayer& layer, std::string_view onnx_name) {
  const std::string_view broadcast = layer.data().attribute("auto_broadcast").as_string("numpy");
  if (broadcast != "numpy" && broadcast != "none") {
    return unsupported_openvino("it broadcasts in the way '" + std::string(broadcast) + "'");
  }
  const std::vector<std::string> operands = TRY(graph.all_inputs(layer));
  return graph.set(layer, graph.builder().add(onnx_name, operands));
}

Result<void> concat(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::vector<std::string> operands = TRY(graph.all_inputs(layer));
  std::string joined = graph.builder().add("Concat", operands);
  set_int_attribute(graph.builder().last(), "axis", layer.data().attribute("axis").as_llong());
  return graph.set(layer, std::move(joined));
}

/// An operand of a product with its two axes swapped.
Result<std::string> swapped(OpenvinoGraph& graph, const OpenvinoLayer& layer, std::size_t index) {
  const std::optional<Extents> shape = layer.input_shape(index);
  if (!shape || shape->size() != 2) {
    return unsupported_openvino("it transposes a value that does not have two axes");
  }
  constexpr std::array<std::int64_t, 2> kSwapped{1, 0};
  const ConstantTensor* known = graph.constant_input(layer, index);
  if (known != nullptr && known->shape.size() == 2) {
    return graph.add_constant(transposed(*known, kSwapped));
  }
  const std::string operand = TRY(graph.input(layer, index));
  return graph.builder().transpose(operand, kSwapped);
}

Result<void> mat_mul(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::array<const char*, 2> flags{"transpose_a", "transpose_b"};
  std::vector<std::string> operands;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const bool swaps = layer.data().attribute(flags.at(i)).as_bool();
    const std::string operand = TRY(swaps ? swapped(graph, layer, i) : graph.input(layer, i));
    operands.push_back(operand);
  }
  return graph.set(layer, graph.builder().add("MatMul", operands));
}

Result<void> reshape(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const Extents target = TRY(graph.integers(layer, 1));
  const bool copies = layer.data().attribute("special_zero").as_bool();
  if (!copies && std::ranges::count(target, 0) > 0) {
    return unsupported_openvino("its result is empty");
  }
  const std::string x = TRY(graph.input(layer, 0));
  OnnxBuilder& builder = graph.builder();
  return graph.set(layer, builder.add("Reshape", {x, builder.add_integers(target)}));
}

// Windows.

/// Sets how the window of the last node slides.
Result<void> slide(OpenvinoGraph& graph, const OpenvinoLayer& layer, bool dilates) {
  onnx::NodeProto& node = graph.builder().last();
  const Extents strides = TRY(layer.numbers("strides"));
  set_ints_attribute(node, "strides", strides);
  if (dilates) {
    const Extents dilations = TRY(layer.numbers("dilations"));
    set_ints_attribute(node, "dilations", dilations);
  }
  const std::string_view mode = layer.data().attribute("auto_pad").as_string("explicit");
  if (mode == "explicit" || mode == "notset") {
    Extents pads = TRY(layer.numbers("pads_begin"));
    const Extents after = TRY(layer.numbers("pads_end"));
    pads.insert(pads.end(), after.begin(), after.end());
    set_ints_attribute(node, "pads", pads);
    return {};
  }
  if (mode == "valid") return {};
  if (mode != "same_upper" && mode != "same_lower") {
    return unsupported_openvino("it pads in the way '" + std::string(mode) + "'");
  }
  set_text_attribute(node, "auto_pad", mode == "same_upper" ? "SAME_UPPER" : "SAME_LOWER");
  return {};
}

Result<void> convolution(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::string x = TRY(graph.input(layer, 0));
  const std::string weights = TRY(graph.input(layer, 1));
  std::string made = graph.builder().add("Conv", {x, weights});
  TRY(slide(graph, layer, true));
  return graph.set(layer, std::move(made));
}

/// Weights [groups, outputs of a group, inputs of a group, rows, columns] become one axis less.
Result<void> group_convolution(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const ConstantTensor* known = graph.constant_input(layer, 1);
  if (known == nullptr) return unsupported_openvino("an input that must be constant is not");
  ConstantTensor weights = *known;
  if (weights.shape.size() < 3 || weights.kind != ConstantTensor::Kind::real) {
    return corrupt_openvino("its weights lack axes");
  }
  const std::int64_t groups = weights.shape[0];
  weights.shape[1] *= groups;
  weights.shape.erase(weights.shape.begin());
  const std::string x = TRY(graph.input(layer, 0));
  const std::string taps = TRY(graph.add_constant(weights));
  std::string made = graph.builder().add("Conv", {x, taps});
  set_int_attribute(graph.builder().last(), "group", groups);
  TRY(slide(graph, layer, true));
  return graph.set(layer, std::move(made));
}

Result<void> max_pool(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::string x = TRY(graph.input(layer, 0));
  const Extents kernel = TRY(layer.numbers("kernel"));
  std::string made = graph.builder().add("MaxPool", {x});
  set_ints_attribute(graph.builder().last(), "kernel_shape", kernel);
  const std::string_view rounding = layer.data().attribute("rounding_type").as_string("floor");
  if (rounding != "floor" && rounding != "ceil") {
    return unsupported_openvino("it rounds in the way '" + std::string(rounding) + "'");
  }
  set_int_attribute(graph.builder().last(), "ceil_mode", rounding == "ceil" ? 1 : 0);
  TRY(slide(graph, layer, layer.data().attribute("dilations")));
  return graph.set(layer, std::move(made));
}

// Slices.

/// What StridedSlice keeps of each axis that it cuts.
struct Cut {
  Extents starts;
  Extents ends;
  Extents axes;
};

/// Where each axis begins and ends, as the layer says it.
struct NamedCut {
  Extents begin;
  Extents end;
  Extents step;
  Extents begin_mask;
  Extents end_mask;
};

Result<NamedCut> named_cut_of(const OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  NamedCut named;
  named.begin = TRY(graph.integers(layer, 1));
  named.end = TRY(graph.integers(layer, 2));
  named.step.assign(named.begin.size(), 1);
  if (layer.inputs.size() > 3) named.step = TRY(graph.integers(layer, 3));
  named.begin_mask = TRY(layer.numbers("begin_mask"));
  named.end_mask = TRY(layer.numbers("end_mask"));
  named.begin_mask.resize(named.begin.size(), 0);
  named.end_mask.resize(named.begin.size(), 0);
  return named;
}

Result<Cut> cut_of(const OpenvinoGraph& graph, const OpenvinoLayer& layer, const Extents& shape) {
  const NamedCut named = TRY(named_cut_of(graph, layer));
  const std::size_t count = named.begin.size();
  if (count > shape.size() || named.end.size() != count || named.step.size() != count) {
    return corrupt_openvino("it does not name one place for each axis");
  }
  Cut cut;
  for (std::size_t axis = 0; axis < count; ++axis) {
    if (named.step[axis] != 1) return unsupported_openvino("it takes steps other than 1");
    const std::int64_t extent = shape[axis];
    const auto place = [&](std::int64_t at) {
      if (at < -kOpenvinoMaxExtent) return std::int64_t{0};
      return std::clamp<std::int64_t>(at < 0 ? at + extent : at, 0, extent);
    };
    const std::int64_t first = named.begin_mask[axis] != 0 ? 0 : place(named.begin[axis]);
    const std::int64_t last = named.end_mask[axis] != 0 ? extent : place(named.end[axis]);
    if (last <= first) return unsupported_openvino("its result is empty");
    if (first == 0 && last == extent) continue;
    cut.starts.push_back(first);
    cut.ends.push_back(last);
    cut.axes.push_back(static_cast<std::int64_t>(axis));
  }
  return cut;
}

Result<void> strided_slice(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const std::optional<Extents> shape = layer.input_shape(0);
  if (!shape) return unsupported_openvino("its picture's shape is open");
  for (const char* mask : {"new_axis_mask", "shrink_axis_mask", "ellipsis_mask"}) {
    const Extents bits = TRY(layer.numbers(mask));
    if (std::ranges::any_of(bits, [](std::int64_t bit) { return bit != 0; })) {
      return unsupported_openvino("its " + std::string(mask) + " is not 0");
    }
  }
  const Cut cut = TRY(cut_of(graph, layer, *shape));
  std::string value = TRY(graph.input(layer, 0));
  if (!cut.axes.empty()) {
    OnnxBuilder& builder = graph.builder();
    value = builder.add("Slice", {value, builder.add_integers(cut.starts),
                                  builder.add_integers(cut.ends), builder.add_integers(cut.axes)});
  }
  return graph.set(layer, std::move(value));
}

using Graph = OpenvinoGraph&;
using Layer = const OpenvinoLayer&;

constexpr std::array kRules{
    Rule{"Add", 2, [](Graph graph, Layer layer) { return plain(graph, layer, "Add"); }},
    Rule{"Concat", 1, concat},
    Rule{"Const", 0, constant},
    Rule{"Convert", 1, convert},
    Rule{"Convolution", 2, convolution},
    Rule{"Divide", 2, [](Graph graph, Layer layer) { return plain(graph, layer, "Div"); }},
    Rule{"GroupConvolution", 2, group_convolution},
    Rule{"MatMul", 2, mat_mul},
    Rule{"MaxPool", 1, max_pool},
    Rule{"Multiply", 2, [](Graph graph, Layer layer) { return plain(graph, layer, "Mul"); }},
    Rule{"Parameter", 0, parameter},
    Rule{"ReLU", 1, [](Graph graph, Layer layer) { return plain(graph, layer, "Relu"); }},
    Rule{"Reshape", 2, reshape},
    Rule{"Result", 1, result},
    Rule{"Sigmoid", 1, [](Graph graph, Layer layer) { return plain(graph, layer, "Sigmoid"); }},
    Rule{"Squeeze", 2, [](Graph graph, Layer layer) { return plain(graph, layer, "Squeeze"); }},
    Rule{"StridedSlice", 3, strided_slice},
    Rule{"Subtract", 2, [](Graph graph, Layer layer) { return plain(graph, layer, "Sub"); }},
    Rule{"Tanh", 1, [](Graph graph, Layer layer) { return plain(graph, layer, "Tanh"); }},
    Rule{"Unsqueeze", 2, [](Graph graph, Layer layer) { return plain(graph, layer, "Unsqueeze"); }},
};

}  // namespace

Result<void> write_openvino_layer(OpenvinoGraph& graph, const OpenvinoLayer& layer) {
  const auto* const rule = std::ranges::find(kRules, layer.attribute("type"), &Rule::type);
  if (rule == kRules.end()) return unsupported_openvino("this operator is not supported");
  if (layer.inputs.size() < rule->inputs) return corrupt_openvino("it lacks inputs");
  return rule->write(graph, layer);
}

}  // namespace retinue
