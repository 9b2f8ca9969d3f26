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

Result<void> same(TfliteGraph& graph, const TfliteOperator& op) {
  if (graph.shape(op.outputs[0]) != graph.shape(op.inputs[0])) {
    return corrupt_operator("it changes the shape");
  }
  const ConstantTensor* found = TRY(graph.constant(op.inputs[0]));
  if (found != nullptr) return graph.set_same_constant(op.outputs[0], op.inputs[0]);
  const bool planar = graph.is_planar(op.inputs[0]);
  std::string x = TRY(graph.in_order(op.inputs[0], planar));
  return graph.set(op.outputs[0], std::move(x), planar);
}

/// `function` adds the nodes that make the result of a value.
template <typename Function>
Result<void> map(TfliteGraph& graph, const TfliteOperator& op, const Function& function) {
  if (graph.rank(op.outputs[0]) != graph.rank(op.inputs[0])) {
    return corrupt_operator("it changes the rank");
  }
  const bool planar = graph.is_planar(op.inputs[0]);
  const std::string x = TRY(graph.in_order(op.inputs[0], planar));
  return graph.set(op.outputs[0], function(x), planar);
}

/// An operator of one operand that ONNX has too, under the name `onnx_name`.
Result<void> unary(TfliteGraph& graph, const TfliteOperator& op, std::string_view onnx_name) {
  return map(graph, op, [&](const std::string& x) { return graph.builder().add(onnx_name, {x}); });
}

Result<void> relu6(TfliteGraph& graph, const TfliteOperator& op) {
  return map(graph, op, [&](const std::string& x) { return graph.clipped_to_6(x); });
}

Result<void> rsqrt(TfliteGraph& graph, const TfliteOperator& op) {
  return map(graph, op, [&](const std::string& x) {
    return graph.builder().add("Reciprocal", {graph.builder().add("Sqrt", {x})});
  });
}

Result<void> cast(TfliteGraph& graph, const TfliteOperator& op) {
  const bool from_real = graph.is_real_value(op.inputs[0]);
  const bool to_real = graph.is_real_value(op.outputs[0]);
  if (from_real && to_real) return same(graph, op);
  if (graph.rank(op.outputs[0]) != graph.rank(op.inputs[0]))
    return corrupt_operator("it changes the rank");
  const bool planar = graph.is_planar(op.inputs[0]);
  std::int64_t type = onnx::TensorProto::FLOAT;
  if (!to_real) {
    type = graph.tensor(op.outputs[0]).type == TfliteType::int64 ? onnx::TensorProto::INT64
                                                                 : onnx::TensorProto::INT32;
  }
  const std::string x = TRY(graph.in_order(op.inputs[0], planar));
  std::string result = graph.builder().add("Cast", {x});
  set_int_attribute(graph.builder().last(), "to", type);
  return graph.set(op.outputs[0], std::move(result), planar);
}

/// Likewise, of two operands.
Result<void> binary(TfliteGraph& graph, const TfliteOperator& op, std::string_view onnx_name) {
  const bool planar = graph.prefers_planar(op);
  const std::string a = TRY(graph.in_order(op.inputs[0], planar));
  const std::string b = TRY(graph.in_order(op.inputs[1], planar));
  const bool activates = onnx_name != "Max" && onnx_name != "Min";
  const std::int8_t activation = activates ? op.options.scalar<std::int8_t>(0, 0) : std::int8_t{0};
  std::string result = TRY(graph.activated(graph.builder().add(onnx_name, {a, b}), activation));
  return graph.set(op.outputs[0], std::move(result), planar);
}

Result<void> squared_difference(TfliteGraph& graph, const TfliteOperator& op) {
  const bool planar = graph.prefers_planar(op);
  const std::string a = TRY(graph.in_order(op.inputs[0], planar));
  const std::string b = TRY(graph.in_order(op.inputs[1], planar));
  const std::string difference = graph.builder().add("Sub", {a, b});
  return graph.set(op.outputs[0], graph.builder().add("Mul", {difference, difference}), planar);
}

/// Rounds down, where ONNX's integer Div cuts: (a − a mod b) / b, the remainder with b's sign.
Result<void> floor_div(TfliteGraph& graph, const TfliteOperator& op) {
  const bool planar = graph.prefers_planar(op);
  const std::string a = TRY(graph.in_order(op.inputs[0], planar));
  const std::string b = TRY(graph.in_order(op.inputs[1], planar));
  if (graph.is_real_value(op.outputs[0])) {
    return graph.set(op.outputs[0],
                     graph.builder().add("Floor", {graph.builder().add("Div", {a, b})}), planar);
  }
  const std::string whole = graph.builder().add("Sub", {a, graph.builder().add("Mod", {a, b})});
  return graph.set(op.outputs[0], graph.builder().add("Div", {whole, b}), planar);
}

Result<void> prelu(TfliteGraph& graph, const TfliteOperator& op) {
  const ConstantTensor* slopes = TRY(graph.real_constant(op, 1));
  if (graph.rank(op.outputs[0]) != 4)
    return unsupported_operator("its result does not have four axes");
  const std::string x = TRY(graph.planar_order(op.inputs[0]));
  if (slopes->shape.size() > 4) return unsupported_operator("its slopes have more than four axes");
  ConstantTensor broadcast = *slopes;
  if (broadcast.shape.size() > 3) broadcast.shape.erase(broadcast.shape.begin());
  if (static_cast<std::size_t>(product_of(broadcast.shape)) != slopes->size()) {
    return unsupported_operator("its slopes differ along the batch");
  }
  broadcast.shape.insert(broadcast.shape.begin(), 3 - broadcast.shape.size(), 1);
  constexpr std::array<std::int64_t, 3> kPlanes{2, 0, 1};
  const std::string slope = TRY(graph.add_constant(transposed(broadcast, kPlanes)));
  return graph.set(op.outputs[0], graph.builder().add("PRelu", {x, slope}), true);
}

using Graph = TfliteGraph&;
using Operator = const TfliteOperator&;

constexpr std::array kRules{
    TfliteRule{"ADD", 2, [](Graph graph, Operator op) { return binary(graph, op, "Add"); }},
    TfliteRule{"CAST", 1, cast},
    TfliteRule{"DENSIFY", 1, same},
    TfliteRule{"DEQUANTIZE", 1, same},
    TfliteRule{"DIV", 2, [](Graph graph, Operator op) { return binary(graph, op, "Div"); }},
    TfliteRule{"EXP", 1, [](Graph graph, Operator op) { return unary(graph, op, "Exp"); }},
    TfliteRule{"FLOOR_DIV", 2, floor_div},
    TfliteRule{"LOGISTIC", 1, [](Graph graph, Operator op) { return unary(graph, op, "Sigmoid"); }},
    TfliteRule{"MAXIMUM", 2, [](Graph graph, Operator op) { return binary(graph, op, "Max"); }},
    TfliteRule{"MINIMUM", 2, [](Graph graph, Operator op) { return binary(graph, op, "Min"); }},
    TfliteRule{"MUL", 2, [](Graph graph, Operator op) { return binary(graph, op, "Mul"); }},
    TfliteRule{"NEG", 1, [](Graph graph, Operator op) { return unary(graph, op, "Neg"); }},
    TfliteRule{"PRELU", 2, prelu},
    TfliteRule{"QUANTIZE", 1, same},
    TfliteRule{"RELU", 1, [](Graph graph, Operator op) { return unary(graph, op, "Relu"); }},
    TfliteRule{"RELU6", 1, relu6},
    TfliteRule{"RSQRT", 1, rsqrt},
    TfliteRule{"SQRT", 1, [](Graph graph, Operator op) { return unary(graph, op, "Sqrt"); }},
    TfliteRule{"SQUARED_DIFFERENCE", 2, squared_difference},
    TfliteRule{"SUB", 2, [](Graph graph, Operator op) { return binary(graph, op, "Sub"); }},
    TfliteRule{"TANH", 1, [](Graph graph, Operator op) { return unary(graph, op, "Tanh"); }},
};

}  // namespace

std::span<const TfliteRule> tflite_elementwise_rules() {
  return kRules;
}

}  // namespace retinue
