/// The first convolution of a network: from planes of a picture to pixels with channels.
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.hpp"
#include "kernels/convolution_constants.hpp"

namespace retinue {

struct StemConvolutionShape {
  std::size_t inputs = 0;   ///< Planes, few of them.
  std::size_t outputs = 0;  ///< Channels, a multiple of 8.
  std::size_t kernel = 3;   ///< Rows and columns of the window.
  std::size_t stride = 2;
  /// Zeros around the picture.
  std::size_t pad_top = 0;
  std::size_t pad_left = 0;
  std::size_t pad_bottom = 0;
  std::size_t pad_right = 0;
};

/// A dense convolution with PReLU that reads planes, float32 [inputs, rows, columns], and makes
/// pixels, float32 [rows, columns, outputs].
///
/// Immutable; `run` may be called from many threads at once.
class StemConvolution {
 public:
  /// Copies the constants: weights [outputs, inputs, kernel, kernel].
  ///
  /// Errors  unsupported: a shape that this is not made for. invalid_argument: constants of another
  ///         size than the shape's.
  static Result<StemConvolution> create(const StemConvolutionShape& shape,
                                        const ConvolutionConstants& constants);
  ~StemConvolution();
  StemConvolution(const StemConvolution&) = delete;
  StemConvolution& operator=(const StemConvolution&) = delete;
  StemConvolution(StemConvolution&&) noexcept;
  StemConvolution& operator=(StemConvolution&&) noexcept;

  const StemConvolutionShape& shape() const;

  /// Rows of the result for a picture of so many rows; 0: it is smaller than the window.
  std::size_t out_rows(std::size_t rows) const;
  std::size_t out_columns(std::size_t columns) const;

  void run(const float* x, std::size_t rows, std::size_t columns, float* y) const;

 private:
  struct State;
  explicit StemConvolution(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace retinue
