/// The rewriting passes of import_model, in the order they run. Private to this module.
///
/// Each changes the graph only where the result is the same up to rounding, and returns how many
/// places it changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/onnx_graph.hpp"
#include "models/onnx_shapes.hpp"

namespace retinue {

/// Makes float16 constants, inputs, outputs, and casts to float16, float32.
int widen_float16(OnnxGraph& graph);

/// The domain of the operators that `infer` adds to ONNX Runtime.
inline constexpr std::string_view kOperatorDomain = "retinue";

/// Makes one SeparableBlock of a residual bottleneck, whose nodes ONNX Runtime runs one by one:
///
///     PRelu(Add(skip(x), Conv 1x1(depthwise Conv 3x3(PRelu(Conv(x))))))
///
/// where the first Conv is 1x1 and skip(x) is x, or it is 2x2 with stride 2 and skip(x) is a 2x2
/// MaxPool, with zero channels appended or not. PRelu(Conv) of a few planes in front of blocks
/// becomes a StemConvolution. Numbers of channels must be multiples of 8.
int fuse_separable_blocks(OnnxGraph& graph);

/// Rewrites PRelu with constant slopes.
///
/// ONNX Runtime 1.30's CPU kernel of PRelu is slow and leaves the blocked layout (NCHWc) that its
/// convolutions run in, with a reorder before and after. What is made instead stays in it, whatever
/// the slope s of a channel:
///
/// - one slope for all channels: LeakyRelu;
/// - read by one depthwise Conv D: D((1 − s)·relu(x)) + D(s·x), the factors folded into copies of
///   D's weights;
/// - else |1 − s|·x, rectified, + s·x with two depthwise 1x1 convolutions. Channels with s > 1 come
///   out with the other sign, which the constants of the Convs and PRelus that read them take in;
///   where something else reads them, a third convolution turns them back.
///
/// The rectification and the sum are fused into the convolutions. Slopes beyond ±64 would lose
/// digits there: they and slopes that are not one a channel become relu(x) + s·min(x, 0).
int rewrite_prelu(OnnxGraph& graph);

/// Rewrites Pad that only appends zero channels as a 1x1 Conv with an identity matrix, for the same
/// reason.
int rewrite_channel_padding(OnnxGraph& graph);

/// How many zero channels a Pad node appends to a known number of channels; nullopt: it does
/// anything else.
std::optional<std::int64_t> appended_channels(const OnnxGraph& graph, const ShapeTable& shapes,
                                              const onnx::NodeProto& node);

/// Makes one LayerNormalization of a layer normalisation over the channels of [1, C, 1, W], written
/// out in Reduce, Neg, Mul, …, which ONNX Runtime does not see through. Where the channels are not
/// last behind a Transpose, it gets one before and one behind.
int rewrite_layer_normalization(OnnxGraph& graph);

/// Makes one MixerBlock of a block of an MLP-Mixer over [1, channels, 1, tokens], after
/// rewrite_layer_normalization has found its normalisations:
///
///     u = Add(x, Conv 1x1(Relu(Conv 1x1(LayerNormalization(x)))))   tokens as the Convs' channels
///     y = Add(u, Conv 1x1(Relu(Conv 1x1(LayerNormalization(u)))))
///
/// whatever Transpose and Reshape stand between them. Where only the first tokens of y are read,
/// the others are not made. Numbers of channels must be multiples of 8.
int fuse_mixer_blocks(OnnxGraph& graph);

/// Opens the leading axis of 1 of all inputs and outputs as a batch. Nullopt: done. Otherwise why
/// not, and the graph is as it was.
std::optional<std::string> open_batch_axis(OnnxGraph& graph);

}  // namespace retinue
