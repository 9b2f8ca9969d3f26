#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/import_passes.hpp"
#include "models/onnx_shapes.hpp"

namespace retinue {
namespace {

constexpr std::int64_t kWholeAxis = std::numeric_limits<std::int64_t>::max();

/// Follows the batch from the inputs through every operator. A value is *batched* when its axis 0
/// counts the rows of the batch and each row depends on the same row of the inputs alone.
///
/// Works on copies of the nodes; the graph changes only when all of it holds. Made for one use.
class BatchOpener {
 public:
  BatchOpener(OnnxGraph& graph) : graph_(graph), shapes_(graph) {}

  std::optional<std::string> open() {
    if (std::optional<std::string> reason = check_ends()) return reason;
    for (const onnx::ValueInfoProto& input : graph_.proto().input())
      batched_.insert(input.name());
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      const bool reads_batch = std::ranges::any_of(
          node.input(), [&](const std::string& name) { return batched_.contains(name); });
      onnx::NodeProto copy = node;
      if (reads_batch) {
        const Rule rule = rule_for(node.op_type());
        if (rule == nullptr || !(this->*rule)(copy)) return description(node) + " mixes the rows";
        batched_.insert(node.output(0));
      }
      nodes_.push_back(std::move(copy));
    }
    for (const onnx::ValueInfoProto& output : graph_.proto().output()) {
      if (!batched_.contains(output.name())) {
        return "the output '" + output.name() + "' does not depend on the inputs";
      }
    }
    apply();
    return std::nullopt;
  }

 private:
  using Rule = bool (BatchOpener::*)(onnx::NodeProto&);

  /// Nullopt: every input starts with an axis of 1, and every output has a shape.
  std::optional<std::string> check_ends() const {
    if (graph_.proto().input_size() == 0) return "there is no input";
    for (const onnx::ValueInfoProto& input : graph_.proto().input()) {
      const auto& shape = input.type().tensor_type().shape();
      if (shape.dim_size() == 0 || shape.dim(0).dim_value() != 1) {
        return "the input '" + input.name() + "' does not start with an axis of 1";
      }
    }
    for (const onnx::ValueInfoProto& output : graph_.proto().output()) {
      if (!output.type().tensor_type().has_shape()) {
        return "the output '" + output.name() + "' has no shape";
      }
    }
    return std::nullopt;
  }

  bool is_batched(const onnx::NodeProto& node, int input) const {
    return input < node.input_size() && batched_.contains(node.input(input));
  }

  /// Only the first input is batched.
  bool first_input_only(const onnx::NodeProto& node) const {
    for (int i = 1; i < node.input_size(); ++i) {
      if (is_batched(node, i)) return false;
    }
    return is_batched(node, 0);
  }

  /// Rank of the first input; 0: not known.
  std::size_t rank(const onnx::NodeProto& node) const {
    const Extents* extents = shapes_.find(node.input(0));
    return extents != nullptr ? extents->size() : 0;
  }

  bool rowwise(onnx::NodeProto& node) { return first_input_only(node) && rank(node) > 0; }

  /// Batched operands have the result's full rank; the others broadcast over axis 0.
  bool broadcast(onnx::NodeProto& node) {
    std::size_t full = 0;
    for (const std::string& name : node.input()) {
      const Extents* extents = shapes_.find(name);
      if (extents == nullptr) return false;
      full = std::max(full, extents->size());
    }
    for (int i = 0; i < node.input_size(); ++i) {
      const Extents& extents = *shapes_.find(node.input(i));
      const bool fits =
          is_batched(node, i) ? extents.size() == full : extents.size() < full || extents[0] == 1;
      if (!fits) return false;
    }
    return true;
  }

  bool reshape(onnx::NodeProto& node) {
    std::optional<Extents> target = constant_integers(graph_, node, 1);
    const Extents* result = shapes_.find(node.output(0));
    const bool understood = first_input_only(node) && target && !target->empty() &&
                            result != nullptr && int_attribute(node, "allowzero", 0) == 0;
    if (!understood) return false;
    if ((*target)[0] == 0 || ((*target)[0] == -1 && (*result)[0] == 1)) return true;
    if ((*target)[0] != 1) return false;
    (*target)[0] = 0;  // the input's own axis 0
    node.set_input(1, add_integers("shape", *target));
    return true;
  }

  /// Rows stay rows where all axes but the first become one.
  bool flatten(onnx::NodeProto& node) {
    return rowwise(node) && int_attribute(node, "axis", 1) == 1;
  }

  /// Rows times constant weights of two axes.
  bool mat_mul(onnx::NodeProto& node) {
    const Extents* weights = node.input_size() == 2 ? shapes_.find(node.input(1)) : nullptr;
    return first_input_only(node) && rank(node) >= 2 && weights != nullptr && weights->size() == 2;
  }

  /// New axes stand behind the batch.
  bool unsqueeze(onnx::NodeProto& node) {
    const Extents* result = shapes_.find(node.output(0));
    if (!first_input_only(node) || result == nullptr) return false;
    const std::optional<Extents> axes = named_axes(graph_, node, result->size());
    return axes && std::ranges::find(*axes, 0) == axes->end();
  }

  bool transpose(onnx::NodeProto& node) {
    const std::vector<std::int64_t> order = ints_attribute(node, "perm");
    return first_input_only(node) && !order.empty() && order.front() == 0;
  }

  bool reduce(onnx::NodeProto& node) {
    const std::optional<Extents> axes = named_axes(graph_, node, rank(node));
    return first_input_only(node) && axes && !axes->empty() &&
           std::ranges::find(*axes, 0) == axes->end();
  }

  bool softmax(onnx::NodeProto& node) {
    const auto axes = static_cast<std::int64_t>(rank(node));
    const std::int64_t axis = int_attribute(node, "axis", -1);
    return first_input_only(node) && axes > 0 && axis != 0 && axis != -axes &&
           (axis != -1 || axes > 1);
  }

  /// Constants of one row are repeated for each row of the batch.
  bool concat(onnx::NodeProto& node) {
    const auto axes = static_cast<std::int64_t>(rank(node));
    const std::int64_t axis = int_attribute(node, "axis", 0);
    if (axes == 0 || axis == 0 || axis == -axes) return false;
    const auto reference = std::ranges::find_if(
        node.input(), [&](const std::string& name) { return batched_.contains(name); });
    const std::string& rows = *reference;
    for (int i = 0; i < node.input_size(); ++i) {
      if (is_batched(node, i)) continue;
      const Extents* extents = shapes_.find(node.input(i));
      const bool one_row = extents != nullptr && !extents->empty() && (*extents)[0] == 1 &&
                           static_cast<std::int64_t>(extents->size()) == axes;
      if (!one_row || !product(*extents)) return false;
      node.set_input(i, repeat_for_each_row(node.input(i), *extents, rows));
    }
    return true;
  }

  /// Expand(constant, [rows of `batched`, rest of its own shape]); the result's name.
  std::string repeat_for_each_row(const std::string& constant, const Extents& extents,
                                  const std::string& batched) {
    const std::string shape = graph_.fresh_name("shape");
    const std::string count = graph_.fresh_name("rows");
    const std::string target = graph_.fresh_name("repeated_shape");
    std::string repeated = graph_.fresh_name("repeated");
    const std::string rest = add_integers("rest", Extents(extents.begin() + 1, extents.end()));
    nodes_.push_back(make_node("Shape", {batched}, shape));
    nodes_.push_back(make_node("Gather", {shape, add_integers("first", {0})}, count));
    nodes_.push_back(make_node("Concat", {count, rest}, target));
    set_int_attribute(nodes_.back(), "axis", 0);
    nodes_.push_back(make_node("Expand", {constant, target}, repeated));
    return repeated;
  }

  /// A slice may take row 0 of 1, which is the whole batch.
  bool slice(onnx::NodeProto& node) {
    const std::optional<Extents> starts = constant_integers(graph_, node, 1);
    std::optional<Extents> ends = constant_integers(graph_, node, 2);
    const std::optional<Extents> axes = constant_integers(graph_, node, 3);
    const bool understood = first_input_only(node) && node.input_size() == 4 && starts && ends &&
                            axes && starts->size() == axes->size() && ends->size() == axes->size();
    if (!understood) return false;
    const auto negative_first = -static_cast<std::int64_t>(rank(node));
    if (negative_first == 0) return false;
    for (std::size_t i = 0; i < axes->size(); ++i) {
      if ((*axes)[i] != 0 && (*axes)[i] != negative_first) continue;
      if ((*starts)[i] != 0 || (*ends)[i] < 1) return false;
      (*ends)[i] = kWholeAxis;
    }
    node.set_input(2, add_integers("ends", *ends));
    return true;
  }

  /// Only the last step before an output may drop the batch axis: it is kept there.
  bool squeeze(onnx::NodeProto& node) {
    const std::optional<Extents> axes = named_axes(graph_, node, rank(node));
    if (!first_input_only(node) || !axes || axes->empty()) return false;
    if (std::ranges::find(*axes, 0) == axes->end()) return true;
    const bool last = graph_.is_output(node.output(0)) && graph_.readers(node.output(0)).empty();
    if (!last || axes->size() > 1) return false;
    node = make_node("Identity", {node.input(0)}, node.output(0));
    gained_axis_.insert(node.output(0));
    return true;
  }

  bool pad(onnx::NodeProto& node) {
    const std::optional<Extents> pads = constant_pads(graph_, node);
    const std::size_t axes = rank(node);
    return first_input_only(node) && pads && axes > 0 && pads->size() == 2 * axes &&
           (*pads)[0] == 0 && (*pads)[axes] == 0;
  }

  bool resize(onnx::NodeProto& node) {
    if (!first_input_only(node)) return false;
    if (node.input_size() == 4) return resize_by_scales(node);
    if (node.input_size() != 3) return false;
    const onnx::TensorProto* tensor = graph_.constant(node.input(2));
    const auto scales = tensor != nullptr ? float_elements(*tensor) : std::nullopt;
    return scales && !scales->empty() && scales->front() == 1.0F;
  }

  /// A size names the batch, too, where scales leave it open; they say the same where each extent
  /// is multiplied by a whole number.
  bool resize_by_scales(onnx::NodeProto& node) {
    const Extents* from = shapes_.find(node.input(0));
    const std::optional<Extents> to = constant_integers(graph_, node, 3);
    if (from == nullptr || !to || to->empty() || from->size() != to->size()) return false;
    std::vector<float> scales;
    for (std::size_t axis = 0; axis < to->size(); ++axis) {
      const std::int64_t extent = (*from)[axis];
      if (extent <= 0 || (*to)[axis] <= 0 || (*to)[axis] % extent != 0) return false;
      scales.push_back(static_cast<float>((*to)[axis] / extent));
    }
    if (scales.front() != 1.0F) return false;
    const std::string name = graph_.fresh_name("scales");
    const Extents count{static_cast<std::int64_t>(scales.size())};
    constants_.push_back(make_float_tensor(name, count, scales));
    node.mutable_input()->RemoveLast();
    node.set_input(2, name);
    return true;
  }

  static Rule rule_for(const std::string& op) {
    static const std::unordered_map<std::string, Rule> rules{
        {"Relu", &BatchOpener::rowwise},
        {"LeakyRelu", &BatchOpener::rowwise},
        {"Sigmoid", &BatchOpener::rowwise},
        {"Tanh", &BatchOpener::rowwise},
        {"Neg", &BatchOpener::rowwise},
        {"Sqrt", &BatchOpener::rowwise},
        {"Reciprocal", &BatchOpener::rowwise},
        {"Exp", &BatchOpener::rowwise},
        {"Abs", &BatchOpener::rowwise},
        {"Identity", &BatchOpener::rowwise},
        {"Cast", &BatchOpener::rowwise},
        {"Clip", &BatchOpener::rowwise},
        {"DepthToSpace", &BatchOpener::rowwise},
        {"MatMul", &BatchOpener::mat_mul},
        {"Unsqueeze", &BatchOpener::unsqueeze},
        {"HardSwish", &BatchOpener::rowwise},
        {"HardSigmoid", &BatchOpener::rowwise},
        {"Elu", &BatchOpener::rowwise},
        {"BatchNormalization", &BatchOpener::rowwise},
        {"Conv", &BatchOpener::rowwise},
        {"StemConvolution", &BatchOpener::rowwise},
        {"SeparableBlock", &BatchOpener::rowwise},
        {"MixerBlock", &BatchOpener::rowwise},
        {"MaxPool", &BatchOpener::rowwise},
        {"AveragePool", &BatchOpener::rowwise},
        {"GlobalAveragePool", &BatchOpener::rowwise},
        {"GlobalMaxPool", &BatchOpener::rowwise},
        {"PRelu", &BatchOpener::broadcast},
        {"Add", &BatchOpener::broadcast},
        {"Sub", &BatchOpener::broadcast},
        {"Mul", &BatchOpener::broadcast},
        {"Div", &BatchOpener::broadcast},
        {"Pow", &BatchOpener::broadcast},
        {"Min", &BatchOpener::broadcast},
        {"Max", &BatchOpener::broadcast},
        {"Reshape", &BatchOpener::reshape},
        {"Flatten", &BatchOpener::flatten},
        {"Transpose", &BatchOpener::transpose},
        {"ReduceMean", &BatchOpener::reduce},
        {"ReduceSum", &BatchOpener::reduce},
        {"ReduceMax", &BatchOpener::reduce},
        {"Softmax", &BatchOpener::softmax},
        {"LayerNormalization", &BatchOpener::softmax},
        {"Concat", &BatchOpener::concat},
        {"Slice", &BatchOpener::slice},
        {"Squeeze", &BatchOpener::squeeze},
        {"Pad", &BatchOpener::pad},
        {"Resize", &BatchOpener::resize},
    };
    const auto found = rules.find(op);
    return found == rules.end() ? nullptr : found->second;
  }

  /// Adds nothing to the graph yet: it may still turn out that the batch cannot be opened.
  std::string add_integers(std::string_view hint, const Extents& elements) {
    std::string name = graph_.fresh_name(hint);
    constants_.push_back(make_int64_tensor(name, elements));
    return name;
  }

  void apply() {
    for (onnx::TensorProto& tensor : constants_)
      graph_.add_constant(std::move(tensor));
    graph_.replace_nodes(std::move(nodes_));
    onnx::GraphProto& proto = graph_.proto();
    for (onnx::ValueInfoProto& input : *proto.mutable_input())
      set_batch(input);
    for (onnx::ValueInfoProto& output : *proto.mutable_output()) {
      if (gained_axis_.contains(output.name())) prepend_axis(output);
      set_batch(output);
    }
  }

  static void prepend_axis(onnx::ValueInfoProto& value) {
    auto* shape = value.mutable_type()->mutable_tensor_type()->mutable_shape();
    shape->add_dim();
    for (int i = shape->dim_size() - 1; i > 0; --i) {
      shape->mutable_dim(i)->Swap(shape->mutable_dim(i - 1));
    }
  }

  static void set_batch(onnx::ValueInfoProto& value) {
    auto* shape = value.mutable_type()->mutable_tensor_type()->mutable_shape();
    if (shape->dim_size() == 0) shape->add_dim();
    shape->mutable_dim(0)->set_dim_param("batch");
  }

  OnnxGraph& graph_;
  ShapeTable shapes_;
  std::set<std::string, std::less<>> batched_;
  std::set<std::string, std::less<>> gained_axis_;  ///< Outputs whose rank grew by one.
  std::vector<onnx::NodeProto> nodes_;
  std::vector<onnx::TensorProto> constants_;
};

}  // namespace

std::optional<std::string> open_batch_axis(OnnxGraph& graph) {
  return BatchOpener(graph).open();
}

}  // namespace retinue
