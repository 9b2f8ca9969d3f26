#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/import_passes.hpp"
#include "models/onnx_shapes.hpp"

namespace retinue {
namespace {

/// Between [N, C, H, W] and [N, H, W, C].
const Extents kChannelsLast{0, 2, 3, 1};
const Extents kChannelsSecond{0, 3, 1, 2};

/// A layer normalisation written out.
struct Normalization {
  std::string input;
  bool channels_last = false;  ///< Else the input is [N, C, H, W].
  const onnx::TensorProto* scale = nullptr;
  float epsilon = 0.0F;
};

/// Finds layer normalisations as tf2onnx and the reader of TensorFlow Lite write them. Made for one
/// use.
class NormalizationFinder {
 public:
  explicit NormalizationFinder(const OnnxGraph& graph) : graph_(graph), shapes_(graph) {}

  /// From its last node backwards: T·m + (−mean)·m, where T is x, or x with its channels last, and
  /// m = scale / sqrt(variance + epsilon).
  std::optional<Normalization> match(const onnx::NodeProto& sum) const {
    if (sum.op_type() != "Add" || sum.input_size() != 2) return std::nullopt;
    for (const int branch : {0, 1}) {
      const onnx::NodeProto* scaled = maker(sum.input(branch), "Mul", 2);
      const onnx::NodeProto* shift = maker(sum.input(1 - branch), "Mul", 2);
      if (scaled == nullptr || shift == nullptr) continue;
      const std::optional<std::string> factor = common_operand(*scaled, *shift);
      if (!factor) continue;
      const std::string& operand = other_operand(*scaled, *factor);
      const onnx::NodeProto* turned = maker(operand, "Transpose", 1);
      const bool is_last = turned != nullptr && ints_attribute(*turned, "perm") == kChannelsLast;
      const std::string& x = is_last ? turned->input(0) : operand;
      if (!is_negative_mean(other_operand(*shift, *factor), x)) continue;
      if (std::optional<Normalization> found = match_factor(*factor, x, is_last)) {
        found->input = operand;
        found->channels_last = is_last;
        return found;
      }
    }
    return std::nullopt;
  }

 private:
  const onnx::NodeProto* maker(const std::string& value, std::string_view op, int inputs) const {
    const onnx::NodeProto* node = graph_.maker(value);
    const bool fits = node != nullptr && node->op_type() == op && node->input_size() == inputs &&
                      node->output_size() == 1;
    return fits ? node : nullptr;
  }

  static std::optional<std::string> common_operand(const onnx::NodeProto& a,
                                                   const onnx::NodeProto& b) {
    for (const std::string& name : a.input()) {
      if (name == b.input(0) || name == b.input(1)) return name;
    }
    return std::nullopt;
  }

  static const std::string& other_operand(const onnx::NodeProto& node, const std::string& name) {
    return node.input(node.input(0) == name ? 1 : 0);
  }

  /// The value before Reshapes that only move axes of 1 about, of a value with one other axis.
  std::string before_reshapes(std::string value) const {
    while (const onnx::NodeProto* node = maker(value, "Reshape", 2)) {
      const Extents* from = shapes_.find(node->input(0));
      const Extents* to = shapes_.find(value);
      if (from == nullptr || to == nullptr || !is_line(*from) || !is_line(*to)) break;
      value = node->input(0);
    }
    return value;
  }

  static bool is_line(const Extents& extents) {
    return std::ranges::count_if(extents, [](std::int64_t extent) { return extent != 1; }) <= 1;
  }

  /// ReduceMean over the channels of [1, channels, 1, pixels].
  bool is_mean(const std::string& value, const std::string& of) const {
    const onnx::NodeProto* node = graph_.maker(value);
    const bool reduces = node != nullptr && node->op_type() == "ReduceMean" &&
                         node->input_size() > 0 && node->input(0) == of;
    if (!reduces) return false;
    const Extents* extents = shapes_.find(of);
    if (extents == nullptr || extents->size() != 4 || (*extents)[0] != 1 || (*extents)[2] != 1) {
      return false;
    }
    return named_axes(graph_, *node, 4) == Extents{1} && int_attribute(*node, "keepdims", 1) == 1;
  }

  bool is_negative_mean(const std::string& value, const std::string& of) const {
    const onnx::NodeProto* negative = maker(before_reshapes(value), "Neg", 1);
    return negative != nullptr && is_mean(before_reshapes(negative->input(0)), of);
  }

  /// scale / sqrt(mean((x − mean(x))²) + epsilon)
  std::optional<Normalization> match_factor(const std::string& factor, const std::string& x,
                                            bool channels_last) const {
    const onnx::NodeProto* product = maker(factor, "Mul", 2);
    if (product == nullptr) return std::nullopt;
    for (const int branch : {0, 1}) {
      const onnx::TensorProto* scale = graph_.constant(product->input(1 - branch));
      if (scale == nullptr || !is_scale(*scale, (*shapes_.find(x))[1], channels_last)) continue;
      if (const std::optional<float> epsilon = match_deviation(product->input(branch), x)) {
        return Normalization{
            .input = {}, .channels_last = false, .scale = scale, .epsilon = *epsilon};
      }
    }
    return std::nullopt;
  }

  /// One number a channel, in the shape in which it is broadcast.
  static bool is_scale(const onnx::TensorProto& scale, std::int64_t channels, bool channels_last) {
    const Extents shape(scale.dims().begin(), scale.dims().end());
    const std::size_t behind = channels_last ? 1 : 3;  // Axes from the channels' on.
    return scale.data_type() == onnx::TensorProto::FLOAT && shape.size() >= behind &&
           shape[shape.size() - behind] == channels && product(shape) == channels;
  }

  /// The epsilon of 1 / sqrt(variance + epsilon); nullopt: it is something else.
  std::optional<float> match_deviation(const std::string& value, const std::string& x) const {
    const onnx::NodeProto* reciprocal = maker(before_reshapes(value), "Reciprocal", 1);
    if (reciprocal == nullptr) return std::nullopt;
    const onnx::NodeProto* root = maker(before_reshapes(reciprocal->input(0)), "Sqrt", 1);
    if (root == nullptr) return std::nullopt;
    const onnx::NodeProto* sum = maker(root->input(0), "Add", 2);
    if (sum == nullptr) return std::nullopt;
    for (const int branch : {0, 1}) {
      const onnx::TensorProto* constant = graph_.constant(sum->input(1 - branch));
      const auto epsilon = constant != nullptr && constant->data_type() == onnx::TensorProto::FLOAT
                               ? float_elements(*constant)
                               : std::nullopt;
      if (epsilon && epsilon->size() == 1 && is_variance(sum->input(branch), x)) {
        return epsilon->front();
      }
    }
    return std::nullopt;
  }

  bool is_variance(const std::string& value, const std::string& x) const {
    const onnx::NodeProto* mean = graph_.maker(value);
    if (mean == nullptr || mean->op_type() != "ReduceMean" || mean->input_size() == 0) return false;
    const onnx::NodeProto* square = maker(mean->input(0), "Mul", 2);
    if (square == nullptr || square->input(0) != square->input(1)) return false;
    const onnx::NodeProto* difference = maker(square->input(0), "Sub", 2);
    return difference != nullptr && is_mean(value, mean->input(0)) && difference->input(0) == x &&
           is_mean(before_reshapes(difference->input(1)), x);
  }

  const OnnxGraph& graph_;
  ShapeTable shapes_;
};

/// LayerNormalization knows trailing axes only.
void write(const Normalization& found, const std::string& result, OnnxGraph& graph,
           std::vector<onnx::NodeProto>& nodes) {
  std::string scale = graph.fresh_name("scale");
  const std::vector<float> factors = float_elements(*found.scale).value();
  const Extents channels{static_cast<std::int64_t>(factors.size())};
  graph.add_constant(make_float_tensor(scale, channels, factors));
  const auto transpose = [&](const std::string& from, const Extents& order, std::string to) {
    nodes.push_back(make_node("Transpose", {from}, std::move(to)));
    set_ints_attribute(nodes.back(), "perm", order);
  };
  std::string input = found.input;
  std::string output = result;
  if (!found.channels_last) {
    input = graph.fresh_name("turned");
    output = graph.fresh_name("normalised");
    transpose(found.input, kChannelsLast, input);
  }
  nodes.push_back(make_node("LayerNormalization", {input, scale}, output));
  set_int_attribute(nodes.back(), "axis", -1);
  set_float_attribute(nodes.back(), "epsilon", found.epsilon);
  if (!found.channels_last) transpose(output, kChannelsSecond, result);
}

}  // namespace

int rewrite_layer_normalization(OnnxGraph& graph) {
  std::vector<std::pair<std::string, Normalization>> all;
  const NormalizationFinder finder(graph);
  for (const onnx::NodeProto& node : graph.proto().node()) {
    if (const auto found = finder.match(node)) all.emplace_back(node.output(0), *found);
  }
  if (all.empty()) return 0;
  std::vector<onnx::NodeProto> nodes;
  auto next = all.begin();
  for (const onnx::NodeProto& node : graph.proto().node()) {
    if (next != all.end() && node.output_size() > 0 && node.output(0) == next->first) {
      write(next->second, next->first, graph, nodes);
      ++next;
    } else {
      nodes.push_back(node);
    }
  }
  graph.replace_nodes(std::move(nodes));
  graph.drop_unread_nodes();
  return static_cast<int>(all.size());
}

}  // namespace retinue
