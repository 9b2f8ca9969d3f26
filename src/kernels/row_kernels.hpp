/// Convolutions of one row of pixels, vectorised for the machine that runs them. Private to this
/// module.
///
/// Pixels are stored one after the other, each with all its channels (NHWC). Numbers of channels
/// that are made are multiples of kChannelStep.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/convolution_constants.hpp"

namespace retinue {

/// Half a vector of the widest machine.
inline constexpr std::size_t kChannelStep = 8;

/// Where a dense convolution finds its input: a window is so many runs of contiguous floats.
struct WindowRuns {
  std::span<const float* const> runs;  ///< The runs of the first pixel's window.
  std::size_t run_length = 0;          ///< Floats.
  std::size_t pixel_step = 0;          ///< Floats from a pixel's window to the next one's.
};

/// A convolution over all inputs of a window, with its PReLU.
struct DenseConstants {
  std::size_t outputs = 0;
  std::vector<float> weights;  ///< [floats of a window, outputs]
  std::vector<float> bias;     ///< [outputs]
  std::vector<float> slope;    ///< [outputs]; 1 where there is no activation.
};

/// A 3x3 convolution of each channel for itself, with its PReLU.
struct DepthwiseConstants {
  std::size_t channels = 0;
  std::vector<float> weights;  ///< [9, channels]
  std::vector<float> bias;     ///< [channels]
  std::vector<float> slope;    ///< [channels]; 1 where there is no activation.
};

/// From [outputs, inputs, rows, columns]; a window is [rows, columns, inputs] in memory.
DenseConstants pack_dense(const ConvolutionConstants& constants, std::size_t outputs,
                          std::size_t inputs, std::size_t taps);

/// From [channels, 1, 3, 3].
DepthwiseConstants pack_depthwise(const ConvolutionConstants& constants, std::size_t channels);

/// The rows above, at and below a row of results.
using DepthwiseRows = std::array<const float*, 3>;

/// The two rows that one row of maxima is of.
using PooledRows = std::array<const float*, 2>;

/// The functions compiled for this machine's vectors.
struct RowKernels {
  /// Makes `pixels` pixels at `out`. `residual`, null or as many pixels, is added before the PReLU;
  /// it may be `out`.
  void (*dense)(const DenseConstants& constants, const WindowRuns& in, std::size_t pixels,
                const float* residual, float* out);

  /// Makes `pixels` pixels at `out` from the rows above, at and below them, each of which starts
  /// one pixel further left and ends one further right.
  void (*depthwise)(const DepthwiseConstants& constants, const DepthwiseRows& rows,
                    std::size_t pixels, float* out);

  /// Makes `pixels` pixels of `out_channels` at `out`: the largest of each 2x2 pixels of two rows
  /// of `channels`, then zeros.
  void (*max_pool)(const PooledRows& rows, std::size_t channels, std::size_t out_channels,
                   std::size_t pixels, float* out);
};

RowKernels row_kernels();

}  // namespace retinue
