#include "models/tflite_import.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "models/tflite_graph.hpp"
#include "models/tflite_model.hpp"
#include "models/tflite_operators.hpp"

namespace retinue {
namespace {

/// Null: the operator is not known.
const TfliteRule* find_rule(std::string_view name) {
  const std::array kinds{tflite_elementwise_rules(), tflite_window_rules(), tflite_axis_rules()};
  for (const std::span<const TfliteRule> rules : kinds) {
    const auto found = std::ranges::find(rules, name, &TfliteRule::name);
    if (found != rules.end()) return &*found;
  }
  return nullptr;
}

Result<void> add_operator(TfliteGraph& graph, const TfliteOperator& op) {
  const TfliteRule* rule = find_rule(op.name);
  if (rule == nullptr) return unsupported_operator("this operator is not supported");
  const std::span<const std::int32_t> inputs(op.inputs);
  if (inputs.size() < rule->inputs || std::ranges::count(inputs.first(rule->inputs), -1) > 0) {
    return corrupt_operator("it lacks inputs");
  }
  return rule->write(graph, op);
}

}  // namespace

Result<std::vector<std::byte>> onnx_from_tflite(std::span<const std::byte> bytes) {
  TfliteModel model = TRY(TfliteModel::read(bytes));
  TfliteGraph graph(std::move(model), bytes.size());
  TRY(graph.add_inputs());
  for (const TfliteOperator& op : graph.model().operators()) {
    Result<void> added = add_operator(graph, op);
    if (!added) {
      return tl::unexpected(std::move(added).error().with_context(
          "operator " + op.name + " (version " + std::to_string(op.version) + ") that makes '" +
          graph.tensor(op.outputs[0]).name + "'"));
    }
  }
  TRY(graph.add_outputs());
  if (graph.model().is_damaged()) {
    return fail(ErrorCode::corrupt_input,
                "the TensorFlow Lite file is damaged: the options of an operator lead outside");
  }
  return graph.builder().finish();
}

}  // namespace retinue
