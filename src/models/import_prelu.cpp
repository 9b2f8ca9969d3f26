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

/// 1 − s of every slope.
std::vector<float> complement(std::vector<float> slope) {
  for (float& s : slope)
    s = 1.0F - s;
  return slope;
}

/// Rewrites the PRelus of one graph. Made for one use.
class PreluRewriter {
 public:
  PreluRewriter(OnnxGraph& graph) : graph_(graph), shapes_(graph) {}

  int rewrite() {
    // References into the graph's constants stay valid while constants are only added.
    Nodes nodes;
    int count = 0;
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (node.op_type() == "PRelu" && node.input_size() == 2 && rewrite(node, nodes)) {
        ++count;
      } else if (const auto found = split_.find(node.output(0)); found != split_.end()) {
        split(node, found->second, nodes);
      } else {
        nodes.push_back(node);
      }
    }
    if (count > 0) graph_.replace_nodes(std::move(nodes));
    return count;
  }

 private:
  /// A depthwise Conv that takes over the PRelu in front of it.
  struct Split {
    std::string input;      ///< x of the PRelu.
    std::string rectified;  ///< relu(x).
    std::vector<float> slope;
  };

  bool rewrite(const onnx::NodeProto& node, Nodes& nodes) {
    const onnx::TensorProto* tensor = graph_.constant(node.input(1));
    if (tensor == nullptr || tensor->data_type() != onnx::TensorProto::FLOAT) return false;
    const std::vector<float> slope = *float_elements(*tensor);
    if (slope.empty() || !std::ranges::all_of(slope, [](float s) { return std::isfinite(s); })) {
      return false;
    }
    if (slope.size() == 1) {
      leaky(node, slope.front(), nodes);
      return true;
    }
    const std::optional<std::int64_t> channels = channels_of(shapes_, node.input(0));
    const bool folds =
        channels && is_per_channel(*tensor, *channels) &&
        std::ranges::all_of(slope, [](float s) { return std::abs(s) <= kMaxFoldedSlope; });
    if (!folds) {
      general(node, nodes);
    } else if (const onnx::NodeProto* reader = depthwise_reader(node, slope.size())) {
      const std::string rectified = graph_.fresh_name("relu");
      nodes.push_back(make_node("Relu", {node.input(0)}, rectified));
      split_.emplace(reader->output(0), Split{node.input(0), rectified, slope});
    } else {
      per_channel(node, slope, nodes);
    }
    return true;
  }

  static void leaky(const onnx::NodeProto& node, float slope, Nodes& nodes) {
    nodes.push_back(make_node("LeakyRelu", {node.input(0)}, node.output(0)));
    onnx::AttributeProto* alpha = nodes.back().add_attribute();
    alpha->set_name("alpha");
    alpha->set_type(onnx::AttributeProto::FLOAT);
    alpha->set_f(slope);
  }

  void general(const onnx::NodeProto& node, Nodes& nodes) {
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

  void per_channel(const onnx::NodeProto& node, const std::vector<float>& slope, Nodes& nodes) {
    const std::string rectified = graph_.fresh_name("relu");
    nodes.push_back(make_node("Relu", {node.input(0)}, rectified));
    const std::string bent = scale(rectified, complement(slope), nodes);
    const std::string straight = scale(node.input(0), slope, nodes);
    // In this order ONNX Runtime fuses the sum into the second convolution, which is the faster.
    nodes.push_back(make_node("Add", {bent, straight}, node.output(0)));
  }

  /// Multiplies each channel by its factor with a depthwise 1x1 convolution; the result's name.
  std::string scale(const std::string& input, const std::vector<float>& factors, Nodes& nodes) {
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

  /// The depthwise Conv that alone reads the node's output; null: there is none.
  const onnx::NodeProto* depthwise_reader(const onnx::NodeProto& node, std::size_t channels) const {
    const auto& readers = graph_.readers(node.output(0));
    if (readers.size() != 1 || graph_.is_output(node.output(0))) return nullptr;
    const onnx::NodeProto& reader = *readers.front();
    const bool reads_as_picture = reader.op_type() == "Conv" && reader.input_size() >= 2 &&
                                  reader.input(0) == node.output(0) &&
                                  reader.input(1) != node.output(0);
    if (!reads_as_picture) return nullptr;
    const onnx::TensorProto* weights = graph_.constant(reader.input(1));
    const bool depthwise =
        weights != nullptr && weights->data_type() == onnx::TensorProto::FLOAT &&
        weights->dims_size() == 4 && weights->dims(1) == 1 &&
        int_attribute(reader, "group", 1) == static_cast<std::int64_t>(channels) &&
        weights->dims(0) == static_cast<std::int64_t>(channels);
    return depthwise ? &reader : nullptr;
  }

  /// conv(prelu(x)) = conv'(relu(x)) + conv''(x); zero padding stays right as prelu(0) = 0.
  void split(const onnx::NodeProto& conv, const Split& split, Nodes& nodes) {
    std::vector<float> rest;
    for (const float s : split.slope)
      rest.push_back(1.0F - s);
    onnx::NodeProto bent = conv;
    bent.set_input(0, split.rectified);
    bent.set_input(1, scaled_weights(conv.input(1), complement(split.slope)));
    bent.set_output(0, graph_.fresh_name("bent"));
    bent.set_name(bent.output(0));
    bent.mutable_input()->DeleteSubrange(2, bent.input_size() - 2);  // the bias is added once
    onnx::NodeProto straight = conv;
    straight.set_input(0, split.input);
    straight.set_input(1, scaled_weights(conv.input(1), split.slope));
    straight.set_output(0, graph_.fresh_name("straight"));
    straight.set_name(straight.output(0));
    onnx::NodeProto sum = make_node("Add", {bent.output(0), straight.output(0)}, conv.output(0));
    nodes.push_back(std::move(bent));
    nodes.push_back(std::move(straight));
    nodes.push_back(std::move(sum));
  }

  /// A copy of depthwise weights [C, 1, h, w] with a factor for each channel; its name.
  std::string scaled_weights(const std::string& name, const std::vector<float>& factors) {
    const onnx::TensorProto& tensor = *graph_.constant(name);
    std::vector<float> weights = *float_elements(tensor);
    const std::size_t window = weights.size() / factors.size();
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] *= factors[i / window];
    std::string scaled = graph_.fresh_name("weights");
    const std::vector<std::int64_t> shape(tensor.dims().begin(), tensor.dims().end());
    graph_.add_constant(make_float_tensor(scaled, shape, weights));
    return scaled;
  }

  OnnxGraph& graph_;
  ShapeTable shapes_;
  std::unordered_map<std::string, Split> split_;  ///< By the Conv's output.
  std::string zero_;
};

}  // namespace

int rewrite_prelu(OnnxGraph& graph) {
  return PreluRewriter(graph).rewrite();
}

}  // namespace retinue
