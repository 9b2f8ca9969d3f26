/// Rewrites an ONNX graph so that it runs fast, in float32 and batched. The values it computes
/// stay.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace retinue {

/// Changes whenever `import_model` makes other bytes of the same input: part of the cache's key.
inline constexpr std::string_view kImportRecipe = "9";

/// What becomes of an ONNX model; other formats become ONNX first (onnx_form).
struct ImportedModel {
  std::vector<std::byte> graph;      ///< A complete ONNX file.
  std::vector<std::string> changes;  ///< What was done, as "69 PRelu rewritten"; empty: nothing.
  std::vector<std::string> kept;     ///< What was left as it was, and why.
};

/// Rewrites, each only where the result stays the same up to rounding, for finite values:
///
/// - The outputs that are not asked for are left out, with the nodes that only they need.
/// - Residual blocks of convolutions with `PRelu` into operators of ours, in domain "retinue",
///   which Session knows and which take half the time on the CPU.
/// - Blocks of MLP-Mixers into such an operator, without the tokens that nothing reads.
/// - Other `PRelu` into operators that ONNX Runtime keeps in its blocked convolution layout.
/// - Appended zero channels (`Pad`) into a convolution, for the same reason.
/// - Layer normalisations that are written out into `LayerNormalization`.
/// - float16 into float32 throughout, when a graph input or output is float16.
/// - A leading axis of 1 into an open batch axis, when every operator on the way treats the rows
///   of a batch alike. Otherwise the axis stays 1. An output whose batch axis a last Squeeze drops
///   keeps it: [52] becomes [batch, 52].
///
/// Deterministic: equal bytes in give equal bytes out. Reentrant. Never crashes, whatever the bytes
/// are; a graph that it does not understand passes unchanged.
///
/// `outputs`: the names of those that are read, as outputs_read says them; empty: all.
///
/// Errors  corrupt_input: not an ONNX model, cut short, or a graph that contradicts itself.
///         unsupported: weights in other files, or a model of more than 1 GiB. invalid_argument:
///         there is no output of a name in `outputs`.
Result<ImportedModel> import_model(std::span<const std::byte> bytes,
                                   std::span<const std::string> outputs = {});

}  // namespace retinue
