/// What a convolution is made of.
#pragma once

#include <span>

namespace retinue {

/// A convolution's constants, laid out as ONNX has them. Borrowed for the call they are passed to.
struct ConvolutionConstants {
  std::span<const float> weights;  ///< [outputs, inputs of a group, rows, columns]
  std::span<const float> bias;     ///< [outputs]; empty: none.
  /// Of the PReLU behind it, [outputs]: y = x where x > 0, else slope·x. All 0: ReLU. Empty: no
  /// activation.
  std::span<const float> slope;
};

}  // namespace retinue
