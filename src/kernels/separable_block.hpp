/// Dense, depthwise and dense convolution in one pass over a picture.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "kernels/convolution_constants.hpp"

namespace retinue {

/// Numbers of channels, each a multiple of 8, and the stride.
struct SeparableBlockShape {
  std::size_t inputs = 0;
  std::size_t middle = 0;   ///< Between the convolutions.
  std::size_t outputs = 0;  ///< At least `inputs`, if there is a last convolution.
  /// 1, or 2: the first convolution is then 2x2 with stride 2.
  std::size_t stride = 1;
};

/// The residual bottleneck of MobileNet's descendants (Sandler et al., 2018, arXiv:1801.04381; with
/// PReLU in MediaPipe's face meshes, Bazarevsky et al., arXiv:1907.05047):
///
///     middle = prelu(depthwise 3x3(prelu(first(x))))
///     y      = prelu(last 1x1(middle) + skip(x))
///
/// where skip(x) is x for stride 1, and for stride 2 the 2x2 maxima with zero channels behind. A
/// PReLU that the constants do not have is left out. Without a last convolution, y is `middle`.
///
/// All three run row by row, so that what is between them stays in the core's own cache, and a
/// picture is read and written once. Pictures are float32 [rows, columns, channels].
///
/// Immutable; `run` may be called from many threads at once.
class SeparableBlock {
 public:
  /// Copies the constants: `first` [middle, inputs, stride, stride], `depthwise` [middle, 1, 3, 3],
  /// `last` [outputs, middle, 1, 1].
  ///
  /// Errors  unsupported: a shape that this is not made for. invalid_argument: constants of another
  ///         size than the shape's.
  static Result<SeparableBlock> create(const SeparableBlockShape& shape,
                                       const ConvolutionConstants& first,
                                       const ConvolutionConstants& depthwise,
                                       const std::optional<ConvolutionConstants>& last);
  ~SeparableBlock();
  SeparableBlock(const SeparableBlock&) = delete;
  SeparableBlock& operator=(const SeparableBlock&) = delete;
  SeparableBlock(SeparableBlock&&) noexcept;
  SeparableBlock& operator=(SeparableBlock&&) noexcept;

  const SeparableBlockShape& shape() const;

  /// `x` has `rows` x `columns` pixels, both multiples of the stride; `y` so many over the stride.
  void run(const float* x, std::size_t rows, std::size_t columns, float* y) const;

 private:
  struct State;
  explicit SeparableBlock(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace retinue
