#include <algorithm>
#include <cstddef>
#include <cstdint>
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

constexpr std::int64_t kChannelStep = 8;  ///< Of the operators' kernels.
constexpr std::int64_t kMaxChannels = 4096;
constexpr std::int64_t kMaxPlanes = 4;
constexpr std::int64_t kMaxStemKernel = 7;

/// A convolution with the PReLU behind it, as names of constants; empty: there is none.
struct NamedConstants {
  std::string weights;
  std::string bias;
  std::string slope;
};

/// What becomes one SeparableBlock.
struct Block {
  std::string input;
  NamedConstants first;
  NamedConstants depthwise;
  NamedConstants last;
  std::int64_t stride = 1;
};

/// What becomes one StemConvolution.
struct Stem {
  std::string input;
  NamedConstants constants;
  std::int64_t stride = 1;
  Extents pads;  ///< Top, left, bottom, right.
};

bool fits(std::int64_t channels) {
  return channels > 0 && channels <= kMaxChannels && channels % kChannelStep == 0;
}

/// Finds the blocks of one graph, then makes the nodes that take their place. Made for one use.
///
/// The operators' pictures have their channels last. A value that one of them makes exists in that
/// order, and in the graph's own only where something else reads it.
class BlockFuser {
 public:
  explicit BlockFuser(OnnxGraph& graph) : graph_(graph), shapes_(graph) {}

  int fuse() {
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (std::optional<Block> block = match_block(node)) {
        blocks_.emplace(node.output(0), *std::move(block));
      }
    }
    if (blocks_.empty()) return 0;
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (std::optional<Stem> stem = match_stem(node)) {
        stems_.emplace(node.output(0), *std::move(stem));
      }
    }
    replace();
    return static_cast<int>(blocks_.size() + stems_.size());
  }

 private:
  /// The node that makes `value` for the only reader it has; null: there is none such.
  const onnx::NodeProto* sole_maker(const std::string& value, std::string_view op) const {
    const onnx::NodeProto* maker = graph_.maker(value);
    const bool sole = maker != nullptr && maker->op_type() == op && maker->output_size() == 1 &&
                      maker->input_size() > 0 && graph_.readers(value).size() == 1 &&
                      !graph_.is_output(value);
    return sole ? maker : nullptr;
  }

  static bool is_prelu(const onnx::NodeProto& node) {
    return node.op_type() == "PRelu" && node.input_size() == 2 && node.output_size() == 1;
  }

  /// Name of the slopes of a PRelu that has one for each of the channels.
  std::optional<std::string> slopes(const onnx::NodeProto& prelu, std::int64_t channels) const {
    const onnx::TensorProto* slope = float_constant(graph_, prelu, 1);
    if (slope == nullptr) return std::nullopt;
    const Extents shape(slope->dims().begin(), slope->dims().end());
    const bool per_channel =
        shape == Extents{channels, 1, 1} || shape == Extents{1, channels, 1, 1};
    return per_channel ? std::optional(prelu.input(1)) : std::nullopt;
  }

  static NamedConstants constants_of(const Convolution& conv, std::string slope) {
    const onnx::NodeProto& node = *conv.node;
    return {.weights = node.input(1),
            .bias = node.input_size() > 2 ? node.input(2) : std::string(),
            .slope = std::move(slope)};
  }

  /// From its last node, backwards.
  std::optional<Block> match_block(const onnx::NodeProto& node) const {
    if (!is_prelu(node)) return std::nullopt;
    const onnx::NodeProto* sum = sole_maker(node.input(0), "Add");
    if (sum == nullptr || sum->input_size() != 2) return std::nullopt;
    for (const int branch : {0, 1}) {
      const std::optional<Convolution> last =
          constant_convolution(graph_, sole_maker(sum->input(branch), "Conv"));
      if (!last || !last->is_dense(1)) continue;
      const std::optional<std::string> slope = slopes(node, last->weights[0]);
      if (!slope) continue;
      std::optional<Block> block = match_middle(*last);
      if (block && skip_fits(*block, *last, sum->input(1 - branch))) {
        block->last = constants_of(*last, *slope);
        return block;
      }
    }
    return std::nullopt;
  }

  /// The convolutions in front of the last one.
  std::optional<Block> match_middle(const Convolution& last) const {
    const std::optional<Convolution> depthwise =
        constant_convolution(graph_, sole_maker(last.node->input(0), "Conv"));
    if (!depthwise || !depthwise->is_depthwise_3x3()) return std::nullopt;
    const onnx::NodeProto* prelu = sole_maker(depthwise->node->input(0), "PRelu");
    if (prelu == nullptr) return std::nullopt;
    const std::optional<Convolution> first =
        constant_convolution(graph_, sole_maker(prelu->input(0), "Conv"));
    if (!first) return std::nullopt;
    const std::int64_t stride = first->is_dense(1) ? 1 : 2;
    const std::int64_t middle = first->weights[0];
    const std::optional<std::string> slope = slopes(*prelu, middle);
    const bool consistent = first->is_dense(stride) && slope && depthwise->weights[0] == middle &&
                            last.weights[1] == middle;
    const bool supported = fits(first->weights[1]) && fits(middle) && fits(last.weights[0]);
    if (!consistent || !supported || !divides(first->node->input(0), first->weights[1], stride)) {
      return std::nullopt;
    }
    return Block{.input = first->node->input(0),
                 .first = constants_of(*first, *slope),
                 .depthwise = constants_of(*depthwise, {}),
                 .last = {},
                 .stride = stride};
  }

  /// True for a picture with so many channels and extents that the stride divides.
  bool divides(const std::string& value, std::int64_t channels, std::int64_t stride) const {
    const Extents* extents = shapes_.find(value);
    if (extents == nullptr || extents->size() != 4 || (*extents)[1] != channels) return false;
    const auto fits_stride = [&](std::int64_t extent) {
      return stride == 1 || (extent > 0 && extent % stride == 0);
    };
    return fits_stride((*extents)[2]) && fits_stride((*extents)[3]);
  }

  /// True if `skip` is what a block adds: its input, or that pooled, with zero channels behind.
  bool skip_fits(const Block& block, const Convolution& last, const std::string& skip) const {
    const std::int64_t outputs = last.weights[0];
    const std::int64_t inputs = (*shapes_.find(block.input))[1];
    if (block.stride == 1) return skip == block.input && outputs == inputs;
    const onnx::NodeProto* pool = sole_maker(skip, "MaxPool");
    if (const onnx::NodeProto* pad = sole_maker(skip, "Pad"); pad != nullptr) {
      const std::optional<std::int64_t> appended = appended_channels(graph_, shapes_, *pad);
      if (!appended || inputs + *appended != outputs) return false;
      pool = sole_maker(pad->input(0), "MaxPool");
    } else if (inputs != outputs) {
      return false;
    }
    return pool != nullptr && pool->input(0) == block.input && is_2x2(*pool);
  }

  static bool is_2x2(const onnx::NodeProto& pool) {
    const Extents pads = ints_attribute(pool, "pads");
    const Extents dilations = ints_attribute(pool, "dilations");
    const onnx::AttributeProto* auto_pad = find_attribute(pool, "auto_pad");
    // Extents are even, so that rounding up or padding to the same size changes nothing.
    return ints_attribute(pool, "kernel_shape") == Extents{2, 2} &&
           ints_attribute(pool, "strides") == Extents{2, 2} &&
           (pads.empty() || pads == Extents{0, 0, 0, 0}) &&
           (dilations.empty() || dilations == Extents{1, 1}) &&
           (auto_pad == nullptr || auto_pad->s() == "NOTSET" || auto_pad->s() == "VALID");
  }

  /// A PRelu of a Conv over few planes that only blocks read.
  std::optional<Stem> match_stem(const onnx::NodeProto& node) const {
    if (!is_prelu(node) || graph_.is_output(node.output(0))) return std::nullopt;
    const std::optional<Convolution> conv =
        constant_convolution(graph_, sole_maker(node.input(0), "Conv"));
    if (!conv) return std::nullopt;
    const std::optional<std::string> slope = slopes(node, conv->weights[0]);
    const std::int64_t kernel = conv->weights[2];
    const bool supported =
        slope && conv->groups == 1 && fits(conv->weights[0]) && conv->weights[1] > 0 &&
        conv->weights[1] <= kMaxPlanes && kernel == conv->weights[3] && kernel > 0 &&
        kernel <= kMaxStemKernel && conv->strides.size() == 2 && conv->strides[0] > 0 &&
        conv->strides[0] == conv->strides[1] && conv->pads.size() == 4 &&
        std::ranges::all_of(conv->pads, [&](auto pad) { return pad >= 0 && pad < kernel; }) &&
        divides(conv->node->input(0), conv->weights[1], 1);
    if (!supported || !only_blocks_read(node.output(0))) return std::nullopt;
    return Stem{.input = conv->node->input(0),
                .constants = constants_of(*conv, *slope),
                .stride = conv->strides[0],
                .pads = conv->pads};
  }

  bool only_blocks_read(const std::string& value) const {
    const auto blocks = static_cast<std::size_t>(std::ranges::count_if(
        blocks_, [&](const auto& entry) { return entry.second.input == value; }));
    // Each reads it twice: with its first convolution, and for what is added.
    return blocks > 0 && graph_.readers(value).size() == 2 * blocks;
  }

  void replace() {
    std::vector<onnx::NodeProto> nodes;
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      const std::string output = node.output_size() > 0 ? node.output(0) : std::string();
      if (const auto block = blocks_.find(output); block != blocks_.end()) {
        emit_block(output, block->second, nodes);
      } else if (const auto stem = stems_.find(output); stem != stems_.end()) {
        emit_stem(output, stem->second, nodes);
      } else {
        nodes.push_back(node);
      }
    }
    graph_.replace_nodes(std::move(nodes));
    graph_.drop_unread_nodes();  // what the blocks were, and orders that nobody wants
  }

  void emit_stem(const std::string& output, const Stem& stem, std::vector<onnx::NodeProto>& nodes) {
    const std::string pixels = graph_.fresh_name("pixels");
    pixels_.emplace(output, pixels);
    onnx::NodeProto node = make_node("StemConvolution", {stem.input}, pixels);
    node.set_domain(std::string(kOperatorDomain));
    add_constants(node, stem.constants);
    set_int_attribute(node, "stride", stem.stride);
    set_ints_attribute(node, "pads", {stem.pads[0], stem.pads[1], stem.pads[2], stem.pads[3]});
    nodes.push_back(std::move(node));
    nodes.push_back(make_node("Transpose", {pixels}, output));
    set_ints_attribute(nodes.back(), "perm", {0, 3, 1, 2});
  }

  void emit_block(const std::string& output, const Block& block,
                  std::vector<onnx::NodeProto>& nodes) {
    auto input = pixels_.find(block.input);
    if (input == pixels_.end()) {
      input = pixels_.emplace(block.input, graph_.fresh_name("pixels")).first;
      nodes.push_back(make_node("Transpose", {block.input}, input->second));
      set_ints_attribute(nodes.back(), "perm", {0, 2, 3, 1});
    }
    const std::string pixels = graph_.fresh_name("pixels");
    onnx::NodeProto node = make_node("SeparableBlock", {input->second}, pixels);
    node.set_domain(std::string(kOperatorDomain));
    add_constants(node, block.first);
    add_constants(node, block.depthwise);
    add_constants(node, block.last);
    set_int_attribute(node, "stride", block.stride);
    nodes.push_back(std::move(node));
    nodes.push_back(make_node("Transpose", {pixels}, output));
    set_ints_attribute(nodes.back(), "perm", {0, 3, 1, 2});
    pixels_.emplace(output, pixels);
  }

  void add_constants(onnx::NodeProto& node, const NamedConstants& constants) {
    for (const std::string& name : {constants.weights, constants.bias, constants.slope}) {
      node.add_input(name.empty() ? none() : name);
    }
  }

  /// A constant of no elements.
  const std::string& none() {
    if (none_.empty()) {
      none_ = graph_.fresh_name("none");
      const std::int64_t no_elements = 0;
      graph_.add_constant(make_float_tensor(none_, {&no_elements, 1}, {}));
    }
    return none_;
  }

  OnnxGraph& graph_;
  ShapeTable shapes_;
  std::unordered_map<std::string, Block> blocks_;        ///< By the last PRelu's output.
  std::unordered_map<std::string, Stem> stems_;          ///< By the PRelu's output.
  std::unordered_map<std::string, std::string> pixels_;  ///< Values with their channels last.
  std::string none_;
};

}  // namespace

int fuse_separable_blocks(OnnxGraph& graph) {
  return BlockFuser(graph).fuse();
}

}  // namespace retinue
