/// Operators of ours, for chains of convolutions that ONNX Runtime runs slowly. Private to this
/// module.
///
/// Domain "retinue", version 1, on the CPU; all tensors are float32. import_model puts them into
/// graphs. Constants of shape [0] are not there.
///
/// - `StemConvolution(x [batch, inputs, rows, columns], weights, bias, slope)`, attributes `stride`
///   and `pads` [top, left, bottom, right]: see retinue::StemConvolution.
/// - `SeparableBlock(x [batch, rows, columns, inputs], weights, bias and slope of the first, the
///   depthwise and the last convolution)`, attribute `stride`: see retinue::SeparableBlock.
///
/// The above make [batch, rows, columns, outputs].
///
/// - `MixerBlock(x [batch, 1, tokens, channels], five of the half that mixes tokens, five of the
///   half that mixes channels)`, attributes `token_epsilon`, `channel_epsilon` and `results`, makes
///   [batch, 1, results, channels]: see retinue::MixerBlock. The five are scale, and weights (those
///   of 1x1 convolutions) and bias of the first and of the last layer.
#pragma once

#include <onnxruntime_c_api.h>

#include "base/result.hpp"

namespace retinue {

/// A domain with all of them, for the life of the process.
Result<OrtCustomOpDomain*> create_custom_operators(const OrtApi& api);

}  // namespace retinue
