#include "models/import.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_set>
#include <utility>

#include "models/import_passes.hpp"

namespace retinue {
namespace {

/// Before this, broadcasting had other rules.
constexpr std::int64_t kMinOpset = 8;

std::vector<std::byte> copy_of(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Only operators of the default set, without graphs inside them: nothing reads a value in a way
/// that the passes do not see.
bool is_plain(const onnx::ModelProto& model) {
  if (model.functions_size() > 0 || model.training_info_size() > 0) return false;
  if (model.graph().sparse_initializer_size() > 0 || default_opset(model) < kMinOpset) return false;
  return std::ranges::all_of(model.graph().node(), [](const onnx::NodeProto& node) {
    const bool nested =
        std::ranges::any_of(node.attribute(), [](const onnx::AttributeProto& attribute) {
          return attribute.has_g() || attribute.graphs_size() > 0;
        });
    return !nested && (node.domain().empty() || node.domain() == "ai.onnx");
  });
}

/// Constant nodes become constants of the graph, and constants that are also inputs, which old
/// files have, cease to be inputs: one form for the passes to look at.
void normalise(onnx::GraphProto& graph) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  std::unordered_set<std::string> constants;
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    const onnx::AttributeProto* value = find_attribute(node, "value");
    const bool hoist = node.op_type() == "Constant" && node.output_size() == 1 &&
                       value != nullptr && value->has_t();
    if (hoist) {
      onnx::TensorProto* tensor = graph.add_initializer();
      *tensor = value->t();
      tensor->set_name(node.output(0));
    } else {
      nodes.Add()->Swap(&node);
    }
  }
  graph.mutable_node()->Swap(&nodes);
  for (const onnx::TensorProto& tensor : graph.initializer())
    constants.insert(tensor.name());
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> inputs;
  for (onnx::ValueInfoProto& input : *graph.mutable_input()) {
    if (!constants.contains(input.name())) inputs.Add()->Swap(&input);
  }
  graph.mutable_input()->Swap(&inputs);
}

/// Leaves out the outputs that are not `wanted`, if any are. Returns how many.
Result<int> drop_unwanted_outputs(onnx::GraphProto& graph, std::span<const std::string> wanted) {
  if (wanted.empty()) return 0;
  for (const std::string& name : wanted) {
    const bool is_there = std::ranges::any_of(
        graph.output(), [&](const onnx::ValueInfoProto& output) { return output.name() == name; });
    if (!is_there) {
      return fail(ErrorCode::invalid_argument, "the model has no output '" + name + "'");
    }
  }
  const int before = graph.output_size();
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> kept;
  for (onnx::ValueInfoProto& output : *graph.mutable_output()) {
    if (std::ranges::count(wanted, output.name()) > 0) kept.Add()->Swap(&output);
  }
  graph.mutable_output()->Swap(&kept);
  return before - graph.output_size();
}

bool has_half_ends(const onnx::GraphProto& graph) {
  const auto is_half = [](const onnx::ValueInfoProto& value) {
    return value.type().tensor_type().elem_type() == onnx::TensorProto::FLOAT16;
  };
  return std::ranges::any_of(graph.input(), is_half) ||
         std::ranges::any_of(graph.output(), is_half);
}

std::string counted(int count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what);
}

Result<std::vector<std::byte>> serialise(const onnx::ModelProto& model) {
  const std::size_t size = model.ByteSizeLong();
  std::vector<std::byte> bytes(size);
  if (size > (std::size_t{1} << 31) - 1 ||
      !model.SerializeToArray(bytes.data(), static_cast<int>(size))) {
    return fail(ErrorCode::unsupported, "the imported model would have more than 2 GiB");
  }
  return bytes;
}

}  // namespace

Result<ImportedModel> import_model(std::span<const std::byte> bytes,
                                   std::span<const std::string> outputs) {
  onnx::ModelProto model = TRY(parse_onnx(bytes));
  TRY(check_graph(model.graph()));
  if (!is_plain(model)) {
    return ImportedModel{.graph = copy_of(bytes),
                         .changes = {},
                         .kept = {"operators outside the default set, or graphs inside operators"}};
  }
  normalise(*model.mutable_graph());
  const int unwanted = TRY(drop_unwanted_outputs(*model.mutable_graph(), outputs));
  OnnxGraph graph(*model.mutable_graph());

  ImportedModel imported;
  if (unwanted > 0) {
    graph.drop_unread_nodes();
    imported.changes.push_back(counted(unwanted, "outputs left out that nothing reads"));
  }
  if (has_half_ends(model.graph())) {
    imported.changes.push_back(counted(widen_float16(graph), "float16 tensors made float32"));
  }
  bool has_operators = false;  // Of ours.
  if (const int count = fuse_separable_blocks(graph); count > 0) {
    imported.changes.push_back(counted(count, "blocks of convolutions fused"));
    has_operators = true;
  }
  if (const int count = rewrite_prelu(graph); count > 0) {
    imported.changes.push_back(counted(count, "PRelu rewritten"));
  }
  if (const int count = rewrite_channel_padding(graph); count > 0) {
    imported.changes.push_back(counted(count, "channel paddings rewritten"));
  }
  if (const int count = rewrite_layer_normalization(graph); count > 0) {
    imported.changes.push_back(counted(count, "layer normalisations made one operator"));
  }
  if (const int count = fuse_mixer_blocks(graph); count > 0) {
    imported.changes.push_back(counted(count, "mixer blocks fused"));
    has_operators = true;
  }
  if (has_operators) {
    onnx::OperatorSetIdProto* operators = model.add_opset_import();
    operators->set_domain(std::string(kOperatorDomain));
    operators->set_version(1);
  }
  if (const std::optional<std::string> reason = open_batch_axis(graph)) {
    imported.kept.push_back("batch axis: " + *reason);
  } else {
    imported.changes.emplace_back("batch axis opened");
  }
  if (imported.changes.empty()) {
    imported.graph = copy_of(bytes);
    return imported;
  }
  graph.drop_unused_constants();
  // They described the values of the graph as it was.
  model.mutable_graph()->clear_value_info();
  model.mutable_graph()->clear_quantization_annotation();
  imported.graph = TRY(serialise(model));
  return imported;
}

}  // namespace retinue
