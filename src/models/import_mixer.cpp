#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/import_passes.hpp"
#include "models/onnx_convolution.hpp"
#include "models/onnx_shapes.hpp"

namespace retinue {
namespace {

constexpr std::int64_t kChannelStep = 8;  ///< Of the operator's kernel.
constexpr std::int64_t kMaxExtent = 4096;

/// A value whose elements are those of another one.
struct Moved {
  std::string value;
  bool swapped = false;  ///< The two axes that are not 1 have changed places.
};

/// One half of a block: constants by name.
struct Half {
  std::string input;  ///< What is normalised, and added in the end.
  std::string scale;
  float epsilon = 0.0F;
  std::vector<std::string> layers;  ///< Weights and bias of the first, then of the last.
  std::int64_t channels = 0;
  std::int64_t tokens = 0;
  bool mixes_tokens = false;
};

/// What becomes one MixerBlock.
struct Block {
  Half tokens;
  Half channels;
  std::int64_t results = 0;  ///< The first tokens, which are made.
};

bool fits(std::int64_t extent) {
  return extent > 1 && extent <= kMaxExtent;
}

bool fits_vectors(std::int64_t extent) {
  return fits(extent) && extent % kChannelStep == 0;
}

/// The two axes of `extents` that are not 1; empty: there are more or fewer, or one is not known.
Extents plane_axes(const Extents& extents) {
  Extents axes;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] < 1) return {};
    if (extents[axis] > 1) axes.push_back(static_cast<std::int64_t>(axis));
  }
  return axes.size() == 2 ? axes : Extents();
}

/// Extents without axes of 1.
Extents squeezed(const Extents& extents) {
  Extents others;
  std::ranges::copy_if(extents, std::back_inserter(others),
                       [](auto extent) { return extent != 1; });
  return others;
}

/// Finds the blocks of one graph, then makes the nodes that take their place. Made for one use.
///
/// The operator's tokens lie one after the other, [1, 1, tokens, channels]. A value that it makes
/// exists in that order, and in the graph's own only where something else reads it.
class MixerFuser {
 public:
  explicit MixerFuser(OnnxGraph& graph) : graph_(graph), shapes_(graph) {}

  int fuse() {
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (std::optional<Block> block = match_block(node)) {
        blocks_.emplace(node.output(0), *std::move(block));
      }
    }
    if (blocks_.empty()) return 0;
    replace();
    return static_cast<int>(blocks_.size());
  }

 private:
  const onnx::NodeProto* maker(const std::string& value, std::string_view op, int inputs) const {
    const onnx::NodeProto* node = graph_.maker(value);
    const bool is_it = node != nullptr && node->op_type() == op && node->input_size() == inputs &&
                       node->output_size() == 1;
    return is_it ? node : nullptr;
  }

  /// Whether a node only moves the two axes that are not 1, and makes them change places; nullopt:
  /// it does anything else.
  std::optional<bool> swaps_axes(const onnx::NodeProto& node) const {
    const Extents* from = node.input_size() > 0 ? shapes_.find(node.input(0)) : nullptr;
    const Extents* to = node.output_size() == 1 ? shapes_.find(node.output(0)) : nullptr;
    if (from == nullptr || to == nullptr) return std::nullopt;
    const Extents axes = plane_axes(*from);
    if (axes.empty()) return std::nullopt;
    if (node.op_type() == "Reshape" && squeezed(*from) == squeezed(*to)) return false;
    if (node.op_type() != "Transpose") return std::nullopt;
    const Extents order = ints_attribute(node, "perm");
    const auto first = std::ranges::find(order, axes[0]);
    const auto second = std::ranges::find(order, axes[1]);
    if (first == order.end() || second == order.end()) return std::nullopt;
    return second < first;
  }

  /// Where `value` comes from by such nodes alone: the furthest, or `end`.
  Moved source_of(std::string value, const std::string& end) const {
    Moved moved{.value = std::move(value)};
    while (moved.value != end) {
      const onnx::NodeProto* node = graph_.maker(moved.value);
      const std::optional<bool> swaps = node != nullptr ? swaps_axes(*node) : std::nullopt;
      if (!swaps) break;
      moved.swapped = moved.swapped != *swaps;
      moved.value = node->input(0);
    }
    return moved;
  }

  /// From its last node, backwards.
  std::optional<Block> match_block(const onnx::NodeProto& node) const {
    std::optional<Half> channels = match_half(node);
    if (!channels || channels->mixes_tokens) return std::nullopt;
    const onnx::NodeProto* middle = sole_maker(channels->input);
    if (middle == nullptr) return std::nullopt;
    std::optional<Half> tokens = match_half(*middle);
    if (!tokens || !tokens->mixes_tokens) return std::nullopt;
    const std::int64_t results = tokens_read(node.output(0), tokens->tokens);
    return Block{
        .tokens = *std::move(tokens), .channels = *std::move(channels), .results = results};
  }

  /// The node that makes `value` for one half alone, which normalises it and adds it.
  const onnx::NodeProto* sole_maker(const std::string& value) const {
    const bool sole = graph_.readers(value).size() == 2 && !graph_.is_output(value);
    return sole ? graph_.maker(value) : nullptr;
  }

  std::optional<Half> match_half(const onnx::NodeProto& sum) const {
    const bool is_sum = sum.op_type() == "Add" && sum.input_size() == 2 && sum.output_size() == 1;
    if (!is_sum) return std::nullopt;
    for (const int branch : {0, 1}) {
      std::optional<Half> half = match_branch(sum.input(branch), sum.input(1 - branch));
      if (half) return half;
    }
    return std::nullopt;
  }

  /// `branch` as what a half computes of `x`, before both are added.
  std::optional<Half> match_branch(const std::string& branch, const std::string& x) const {
    const Extents* planes = shapes_.find(x);
    const Extents* added = shapes_.find(branch);
    const bool is_planes = planes != nullptr && added != nullptr && *planes == *added &&
                           planes->size() == 4 && (*planes)[0] == 1 && (*planes)[2] == 1;
    if (!is_planes || !fits_vectors((*planes)[1]) || !fits((*planes)[3])) return std::nullopt;
    const Moved made = source_of(branch, x);
    const std::optional<Convolution> last = layer(made.value);
    if (!last) return std::nullopt;
    const onnx::NodeProto* relu = maker(last->node->input(0), "Relu", 1);
    const std::optional<Convolution> first = relu != nullptr ? layer(relu->input(0)) : std::nullopt;
    if (!first) return std::nullopt;
    const Moved read = source_of(first->node->input(0), x);
    std::optional<Half> half = match_normalization(read.value, x, (*planes)[1]);
    // Tokens are mixed where they are the convolutions' channels, which come first in memory.
    const bool mixes_tokens = !read.swapped;
    const std::int64_t mixed = mixes_tokens ? (*planes)[3] : (*planes)[1];
    if (!half || made.swapped != mixes_tokens || !mix(*first, *last, mixed)) return std::nullopt;
    if (!mixes_tokens && !fits_vectors(first->weights[0])) return std::nullopt;
    half->layers = {first->node->input(1), first->node->input(2), last->node->input(1),
                    last->node->input(2)};
    half->channels = (*planes)[1];
    half->tokens = (*planes)[3];
    half->mixes_tokens = mixes_tokens;
    return half;
  }

  /// A 1x1 convolution with a bias.
  std::optional<Convolution> layer(const std::string& value) const {
    std::optional<Convolution> found = constant_convolution(graph_, maker(value, "Conv", 3));
    const bool is_layer = found && found->is_dense(1) && !found->node->input(2).empty();
    return is_layer ? found : std::nullopt;
  }

  /// True if the first layer reads `mixed` channels in all, and the last one makes as many.
  bool mix(const Convolution& first, const Convolution& last, std::int64_t mixed) const {
    const Extents* read = shapes_.find(first.node->input(0));
    return read != nullptr && read->size() == 4 && (*read)[0] == 1 && (*read)[1] == mixed &&
           first.weights[1] == mixed && last.weights[0] == mixed && fits(first.weights[0]) &&
           last.weights[1] == first.weights[0];
  }

  /// `value` as the normalisation of x [1, channels, 1, tokens] over the channels.
  std::optional<Half> match_normalization(const std::string& value, const std::string& x,
                                          std::int64_t channels) const {
    const onnx::NodeProto* node = maker(value, "LayerNormalization", 2);
    if (node == nullptr) return std::nullopt;
    const onnx::TensorProto* scale = float_constant(graph_, *node, 1);
    const onnx::AttributeProto* epsilon = find_attribute(*node, "epsilon");
    const Extents* extents = shapes_.find(node->input(0));
    const Moved from = source_of(node->input(0), x);
    const bool understood =
        scale != nullptr && scale->dims_size() == 1 && scale->dims(0) == channels &&
        epsilon != nullptr && int_attribute(*node, "axis", -1) == -1 && extents != nullptr &&
        !extents->empty() && extents->back() == channels && from.value == x && from.swapped;
    if (!understood) return std::nullopt;
    Half half;
    half.input = x;
    half.scale = node->input(1);
    half.epsilon = epsilon->f();
    return half;
  }

  /// How many tokens of [1, channels, 1, `tokens`] are read, from the first on.
  std::int64_t tokens_read(const std::string& value, std::int64_t tokens) const {
    if (graph_.is_output(value)) return tokens;
    std::int64_t read = 1;
    for (const onnx::NodeProto* reader : graph_.readers(value))
      read = std::max(read, tokens_sliced(*reader, tokens));
    return read;
  }

  /// What a Slice of the last axis from the first token on takes; of other nodes all.
  std::int64_t tokens_sliced(const onnx::NodeProto& node, std::int64_t tokens) const {
    constexpr std::int64_t kTokenAxis = 3;
    if (node.op_type() != "Slice" || node.input_size() != 4) return tokens;
    const std::optional<Extents> starts = constant_integers(graph_, node, 1);
    const std::optional<Extents> ends = constant_integers(graph_, node, 2);
    const std::optional<Extents> axes = constant_integers(graph_, node, 3);
    const bool understood = starts && ends && axes && starts->size() == axes->size() &&
                            ends->size() == axes->size() &&
                            std::ranges::count(*axes, kTokenAxis) == 1 &&
                            std::ranges::all_of(*axes, [](auto axis) { return axis >= 0; });
    if (!understood) return tokens;
    const auto at = std::ranges::find(*axes, kTokenAxis) - axes->begin();
    const std::int64_t end = (*ends)[static_cast<std::size_t>(at)];
    const bool from_first = (*starts)[static_cast<std::size_t>(at)] == 0 && end > 0;
    return from_first ? std::min(end, tokens) : tokens;
  }

  void replace() {
    std::vector<onnx::NodeProto> nodes;
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      const std::string output = node.output_size() > 0 ? node.output(0) : std::string();
      if (const auto block = blocks_.find(output); block != blocks_.end()) {
        emit(output, block->second, nodes);
      } else {
        nodes.push_back(node);
      }
    }
    graph_.replace_nodes(std::move(nodes));
    graph_.drop_unread_nodes();  // what the blocks were, and orders that nobody wants
  }

  void emit(const std::string& output, const Block& block, std::vector<onnx::NodeProto>& nodes) {
    const std::string& x = block.tokens.input;
    auto input = rows_.find(x);
    if (input == rows_.end()) {
      input = rows_.emplace(x, graph_.fresh_name("tokens")).first;
      nodes.push_back(make_node("Transpose", {x}, input->second));
      set_ints_attribute(nodes.back(), "perm", {0, 2, 3, 1});
    }
    const std::string rows = graph_.fresh_name("tokens");
    onnx::NodeProto node = make_node("MixerBlock", {input->second}, rows);
    node.set_domain(std::string(kOperatorDomain));
    for (const Half* half : {&block.tokens, &block.channels}) {
      node.add_input(half->scale);
      for (const std::string& name : half->layers)
        node.add_input(name);
    }
    set_float_attribute(node, "token_epsilon", block.tokens.epsilon);
    set_float_attribute(node, "channel_epsilon", block.channels.epsilon);
    set_int_attribute(node, "results", block.results);
    nodes.push_back(std::move(node));
    nodes.push_back(make_node("Transpose", {rows}, output));
    set_ints_attribute(nodes.back(), "perm", {0, 3, 1, 2});
    rows_.emplace(output, rows);
  }

  OnnxGraph& graph_;
  ShapeTable shapes_;
  std::unordered_map<std::string, Block> blocks_;      ///< By the last Add's output.
  std::unordered_map<std::string, std::string> rows_;  ///< Values with their channels last.
};

}  // namespace

int fuse_mixer_blocks(OnnxGraph& graph) {
  return MixerFuser(graph).fuse();
}

}  // namespace retinue
