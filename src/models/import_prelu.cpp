#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

#include "models/import_passes.hpp"
#include "models/onnx_shapes.hpp"

namespace retinue {
namespace {

using Nodes = std::vector<onnx::NodeProto>;

/// Beyond this, s·x + (1 − s)·x loses more than six of float32's 24 bits.
constexpr float kMaxFoldedSlope = 64.0F;

/// Channels of a value [N, C, H, W]; nullopt: of another rank, or not known.
std::optional<std::int64_t> channels_of(const ShapeTable& shapes, const std::string& value) {
  const Extents* extents = shapes.find(value);
  if (extents == nullptr || extents->size() != 4 || (*extents)[1] <= 0) return std::nullopt;
  return (*extents)[1];
}

/// True for [C, 1, 1] and [1, C, 1, 1].
bool is_per_channel(const onnx::TensorProto& slope, std::int64_t channels) {
  const std::vector<std::int64_t> shape(slope.dims().begin(), slope.dims().end());
  return shape == std::vector<std::int64_t>{channels, 1, 1} ||
         shape == std::vector<std::int64_t>{1, channels, 1, 1};
}

/// One factor a channel.
using Factors = std::vector<float>;

template <typename Operation>
Factors map(const Factors& a, Operation operation) {
  Factors result = a;
  for (float& factor : result)
    factor = operation(factor);
  return result;
}

Factors times(Factors a, const Factors& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] *= b[i];
  return a;
}

bool is_identity(const Factors& factors) {
  return std::ranges::all_of(factors, [](float factor) { return factor == 1.0F; });
}

/// Rewrites the PRelus of one graph: first decides on each, in order, then makes the new nodes.
/// Made for one use.
///
/// A value is *flipped* when some of its channels are computed with the other sign, which costs
/// nothing if whatever reads it can take that sign into its constants.
class PreluRewriter {
 public:
  explicit PreluRewriter(OnnxGraph& graph) : graph_(graph), shapes_(graph) {}

  int rewrite() {
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (node.op_type() == "PRelu") plan(node);
    }
    Nodes nodes;
    int count = 0;
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (node.op_type() == "PRelu" && emit_prelu(node, nodes)) {
        ++count;
      } else {
        emit_other(node, nodes);
      }
    }
    if (count > 0) graph_.replace_nodes(std::move(nodes));
    return count;
  }

 private:
  /// A PRelu with one slope a channel.
  struct Plan {
    Factors slope;
    Factors input_signs;    ///< Of the flipped x.
    Factors output_signs;   ///< Of the flipped result.
    std::string rectified;  ///< relu(x), for the Conv that takes the PRelu over; else empty.
  };

  /// Signs that a Conv takes into its weights and bias.
  struct ConvSigns {
    Factors input;   ///< Empty: none.
    Factors output;  ///< Empty: none.
  };

  /// The slopes of a PRelu of a picture that has one for each channel, all small enough to fold.
  std::optional<Factors> foldable_slopes(const onnx::NodeProto& node) const {
    const onnx::TensorProto* tensor = float_constant(node, 1);
    if (tensor == nullptr) return std::nullopt;
    const std::optional<std::int64_t> channels = channels_of(shapes_, node.input(0));
    if (!channels || !is_per_channel(*tensor, *channels)) return std::nullopt;
    std::optional<Factors> slopes = float_elements(*tensor);
    // The comparison is false for NaN.
    const bool small =
        std::ranges::all_of(*slopes, [](float s) { return std::abs(s) <= kMaxFoldedSlope; });
    return small && slopes->size() > 1 ? std::move(slopes) : std::nullopt;
  }

  /// Null: the input is not there or not a float32 constant.
  const onnx::TensorProto* float_constant(const onnx::NodeProto& node, int input) const {
    const onnx::TensorProto* tensor =
        input < node.input_size() ? graph_.constant(node.input(input)) : nullptr;
    const bool is_float = tensor != nullptr && tensor->data_type() == onnx::TensorProto::FLOAT;
    return is_float ? tensor : nullptr;
  }

  void plan(const onnx::NodeProto& node) {
    std::optional<Factors> slopes = foldable_slopes(node);
    if (!slopes) return;
    Plan plan{.slope = *std::move(slopes), .input_signs = {}, .output_signs = {}, .rectified = {}};
    const Factors ones(plan.slope.size(), 1.0F);
    const auto flipped = flipped_.find(node.input(0));
    plan.input_signs = flipped != flipped_.end() ? flipped->second : ones;
    plan.output_signs = ones;
    const onnx::NodeProto* reader = depthwise_reader(node, plan.slope.size());
    if (reader != nullptr && is_identity(plan.input_signs)) {
      plan.rectified = graph_.fresh_name("relu");
      split_.emplace(reader->output(0), node.output(0));
    } else if (readers_take_signs(node, ones.size())) {
      plan.output_signs = map(plan.slope, [](float s) { return s <= 1.0F ? 1.0F : -1.0F; });
      give_signs_to_readers(node, plan.output_signs);
    }
    plans_.emplace(node.output(0), std::move(plan));
  }

  bool readers_take_signs(const onnx::NodeProto& node, std::size_t channels) const {
    if (graph_.is_output(node.output(0))) return false;
    return std::ranges::all_of(graph_.readers(node.output(0)), [&](const auto* reader) {
      return takes_input_signs(*reader, node.output(0), channels) ||
             residual_conv(*reader, node.output(0), channels) != nullptr;
    });
  }

  /// True for a Conv of this value with constant weights for so many channels.
  bool takes_input_signs(const onnx::NodeProto& conv, const std::string& value,
                         std::size_t channels) const {
    const onnx::TensorProto* weights = float_constant(conv, 1);
    const std::int64_t groups = int_attribute(conv, "group", 1);
    return conv.op_type() == "Conv" && conv.input(0) == value && weights != nullptr &&
           weights->dims_size() == 4 && groups > 0 &&
           groups <= static_cast<std::int64_t>(channels) && weights->dims(0) % groups == 0 &&
           weights->dims(1) * groups == static_cast<std::int64_t>(channels) &&
           std::ranges::count(conv.input(), value) == 1;
  }

  /// Of Add(value, conv) that only a foldable PRelu reads: the Conv, if it can take signs of its
  /// output. Null: it is anything else.
  const onnx::NodeProto* residual_conv(const onnx::NodeProto& add, const std::string& value,
                                       std::size_t channels) const {
    if (add.op_type() != "Add" || add.input_size() != 2 || graph_.is_output(add.output(0))) {
      return nullptr;
    }
    const std::string& other = add.input(add.input(0) == value ? 1 : 0);
    const auto& sum_readers = graph_.readers(add.output(0));
    const bool feeds_prelu = sum_readers.size() == 1 && sum_readers.front()->op_type() == "PRelu" &&
                             sum_readers.front()->input(0) == add.output(0);
    if (!feeds_prelu || graph_.readers(other).size() != 1 || graph_.is_output(other)) {
      return nullptr;
    }
    const std::optional<Factors> next = foldable_slopes(*sum_readers.front());
    const onnx::NodeProto* conv = graph_.maker(other);
    const bool fits = next && next->size() == channels && conv != nullptr &&
                      takes_output_signs(*conv, static_cast<std::int64_t>(channels));
    return fits ? conv : nullptr;
  }

  bool takes_output_signs(const onnx::NodeProto& conv, std::int64_t channels) const {
    const onnx::TensorProto* weights = float_constant(conv, 1);
    if (conv.op_type() != "Conv" || weights == nullptr || weights->dims_size() != 4 ||
        weights->dims(0) != channels) {
      return false;
    }
    if (conv.input_size() < 3 || conv.input(2).empty()) return true;
    const onnx::TensorProto* bias = float_constant(conv, 2);
    return bias != nullptr && bias->dims_size() == 1 && bias->dims(0) == channels;
  }

  void give_signs_to_readers(const onnx::NodeProto& node, const Factors& signs) {
    if (is_identity(signs)) return;
    for (const onnx::NodeProto* reader : graph_.readers(node.output(0))) {
      if (reader->op_type() == "Conv") {
        conv_signs_[reader->output(0)].input = signs;
      } else {
        const onnx::NodeProto* conv = residual_conv(*reader, node.output(0), signs.size());
        conv_signs_[conv->output(0)].output = signs;
        flipped_.emplace(reader->output(0), signs);
      }
    }
  }

  /// The depthwise Conv that alone reads the node's output; null: there is none.
  const onnx::NodeProto* depthwise_reader(const onnx::NodeProto& node, std::size_t channels) const {
    const auto& readers = graph_.readers(node.output(0));
    if (readers.size() != 1 || graph_.is_output(node.output(0))) return nullptr;
    const onnx::NodeProto& reader = *readers.front();
    const bool depthwise =
        takes_input_signs(reader, node.output(0), channels) &&
        int_attribute(reader, "group", 1) == static_cast<std::int64_t>(channels) &&
        float_constant(reader, 1)->dims(0) == static_cast<std::int64_t>(channels);
    return depthwise ? &reader : nullptr;
  }

  bool emit_prelu(const onnx::NodeProto& node, Nodes& nodes) {
    if (const auto found = plans_.find(node.output(0)); found != plans_.end()) {
      const Plan& plan = found->second;
      if (plan.rectified.empty()) {
        emit_sum(node, plan, nodes);
      } else {
        nodes.push_back(make_node("Relu", {node.input(0)}, plan.rectified));
      }
      return true;
    }
    const onnx::TensorProto* slope = float_constant(node, 1);
    if (slope == nullptr) return false;
    const Factors slopes = *float_elements(*slope);
    const bool finite = std::ranges::all_of(slopes, [](float s) { return std::isfinite(s); });
    if (!finite || slopes.empty()) return false;
    if (slopes.size() == 1) {
      emit_leaky(node, slopes.front(), nodes);
    } else {
      emit_general(node, nodes);
    }
    return true;
  }

  /// With signs d of the output and e of the input:
  /// d·prelu(x) = d·sign(1 − s)·relu(|1 − s|·e·(e·x)) + d·s·e·(e·x).
  void emit_sum(const onnx::NodeProto& node, const Plan& plan, Nodes& nodes) {
    const Factors rest = map(plan.slope, [](float s) { return 1.0F - s; });
    const Factors size = map(rest, [](float r) { return std::abs(r); });
    const std::string scaled = emit_scale(node.input(0), times(size, plan.input_signs), nodes);
    std::string bent = graph_.fresh_name("relu");
    nodes.push_back(make_node("Relu", {scaled}, bent));
    const Factors signs =
        times(map(rest, [](float r) { return r >= 0.0F ? 1.0F : -1.0F; }), plan.output_signs);
    if (!is_identity(signs)) bent = emit_scale(bent, signs, nodes);
    const Factors straight_factors = times(times(plan.slope, plan.input_signs), plan.output_signs);
    const std::string straight = emit_scale(node.input(0), straight_factors, nodes);
    // In this order ONNX Runtime fuses the sum into the second convolution, which is the faster.
    nodes.push_back(make_node("Add", {bent, straight}, node.output(0)));
  }

  static void emit_leaky(const onnx::NodeProto& node, float slope, Nodes& nodes) {
    nodes.push_back(make_node("LeakyRelu", {node.input(0)}, node.output(0)));
    onnx::AttributeProto* alpha = nodes.back().add_attribute();
    alpha->set_name("alpha");
    alpha->set_type(onnx::AttributeProto::FLOAT);
    alpha->set_f(slope);
  }

  void emit_general(const onnx::NodeProto& node, Nodes& nodes) {
    if (zero_.empty()) {
      zero_ = graph_.fresh_name("zero");
      const float zero = 0.0F;
      graph_.add_constant(make_float_tensor(zero_, {}, {&zero, 1}));
    }
    const std::string positive = graph_.fresh_name("positive");
    const std::string negative = graph_.fresh_name("negative");
    const std::string scaled = graph_.fresh_name("scaled");
    nodes.push_back(make_node("Relu", {node.input(0)}, positive));
    nodes.push_back(make_node("Min", {node.input(0), zero_}, negative));
    nodes.push_back(make_node("Mul", {negative, node.input(1)}, scaled));
    nodes.push_back(make_node("Add", {positive, scaled}, node.output(0)));
  }

  /// Multiplies each channel by its factor with a depthwise 1x1 convolution; the result's name.
  std::string emit_scale(const std::string& input, const Factors& factors, Nodes& nodes) {
    const auto channels = static_cast<std::int64_t>(factors.size());
    const std::string weights = graph_.fresh_name("factors");
    std::string output = graph_.fresh_name("scaled");
    const std::vector<std::int64_t> shape{channels, 1, 1, 1};
    graph_.add_constant(make_float_tensor(weights, shape, factors));
    nodes.push_back(make_node("Conv", {input, weights}, output));
    set_int_attribute(nodes.back(), "group", channels);
    set_ints_attribute(nodes.back(), "kernel_shape", {1, 1});
    return output;
  }

  void emit_other(const onnx::NodeProto& node, Nodes& nodes) {
    onnx::NodeProto copy = node;
    if (const auto signs = conv_signs_.find(node.output(0)); signs != conv_signs_.end()) {
      take_signs(copy, signs->second);
    }
    if (const auto split = split_.find(node.output(0)); split != split_.end()) {
      emit_split(copy, *graph_.maker(split->second), nodes);
    } else {
      nodes.push_back(std::move(copy));
    }
  }

  void take_signs(onnx::NodeProto& conv, const ConvSigns& signs) {
    const onnx::TensorProto& weights = *graph_.constant(conv.input(1));
    const std::int64_t inputs = weights.dims(1);
    const std::int64_t outputs = weights.dims(0);
    const std::int64_t outputs_per_group = outputs / int_attribute(conv, "group", 1);
    Factors factors;  // one for each [output, input] window
    for (std::int64_t o = 0; o < outputs; ++o) {
      for (std::int64_t i = 0; i < inputs; ++i) {
        const auto channel = static_cast<std::size_t>(o / outputs_per_group * inputs + i);
        const float in = signs.input.empty() ? 1.0F : signs.input[channel];
        const float out = signs.output.empty() ? 1.0F : signs.output[static_cast<std::size_t>(o)];
        factors.push_back(in * out);
      }
    }
    conv.set_input(1, add_scaled(conv.input(1), factors));
    const bool has_bias = conv.input_size() > 2 && !conv.input(2).empty();
    if (has_bias && !signs.output.empty()) {
      conv.set_input(2, add_scaled(conv.input(2), signs.output));
    }
  }

  /// conv(prelu(x)) = conv'(relu(x)) + conv''(x); zero padding stays right as prelu(0) = 0.
  void emit_split(const onnx::NodeProto& conv, const onnx::NodeProto& prelu, Nodes& nodes) {
    const Plan& plan = plans_.at(prelu.output(0));
    onnx::NodeProto bent = conv;
    bent.set_input(0, plan.rectified);
    bent.set_input(1, add_scaled(conv.input(1), map(plan.slope, [](float s) { return 1.0F - s; })));
    bent.set_output(0, graph_.fresh_name("bent"));
    bent.set_name(bent.output(0));
    bent.mutable_input()->DeleteSubrange(2, bent.input_size() - 2);  // the bias is added once
    onnx::NodeProto straight = conv;
    straight.set_input(0, prelu.input(0));
    straight.set_input(1, add_scaled(conv.input(1), plan.slope));
    straight.set_output(0, graph_.fresh_name("straight"));
    straight.set_name(straight.output(0));
    onnx::NodeProto sum = make_node("Add", {bent.output(0), straight.output(0)}, conv.output(0));
    nodes.push_back(std::move(bent));
    nodes.push_back(std::move(straight));
    nodes.push_back(std::move(sum));
  }

  /// A copy of a constant, cut into as many equal pieces as there are factors and each multiplied
  /// by its own; the copy's name.
  std::string add_scaled(const std::string& name, const Factors& factors) {
    const onnx::TensorProto& tensor = *graph_.constant(name);
    Factors elements = *float_elements(tensor);
    const std::size_t piece = elements.size() / factors.size();
    for (std::size_t i = 0; i < elements.size(); ++i)
      elements[i] *= factors[i / piece];
    std::string scaled = graph_.fresh_name("weights");
    const std::vector<std::int64_t> shape(tensor.dims().begin(), tensor.dims().end());
    graph_.add_constant(make_float_tensor(scaled, shape, elements));
    return scaled;
  }

  OnnxGraph& graph_;
  ShapeTable shapes_;
  std::unordered_map<std::string, Plan> plans_;            ///< By the PRelu's output.
  std::unordered_map<std::string, std::string> split_;     ///< Conv's output to PRelu's.
  std::unordered_map<std::string, ConvSigns> conv_signs_;  ///< By the Conv's output.
  std::unordered_map<std::string, Factors> flipped_;       ///< Signs by value.
  std::string zero_;
};

}  // namespace

int rewrite_prelu(OnnxGraph& graph) {
  return PreluRewriter(graph).rewrite();
}

}  // namespace retinue
