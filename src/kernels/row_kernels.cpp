#include "kernels/row_kernels.hpp"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/row_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace retinue::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Full = hn::ScalableTag<float>;
/// For the channels that fill no whole vector: kChannelStep divides into these on every machine.
using Rest = hn::CappedTag<float, kChannelStep>;

// Loops over registers are unrolled at any optimisation level, or the registers become memory.

/// Pixels times vectors of sums that a tile keeps in registers: all but a few of the 32 of AVX-512
/// and NEON, or the 16 of the others.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr std::size_t kTilePixels = 12;
#else
constexpr std::size_t kTilePixels = 6;
#endif

template <typename D>
HWY_INLINE hn::Vec<D> prelu(D d, hn::Vec<D> x, hn::Vec<D> slope) {
  const hn::Vec<D> zero = hn::Zero(d);
  return hn::MulAdd(slope, hn::Min(x, zero), hn::Max(x, zero));
}

/// The work on one row.
struct DenseRow {
  const DenseConstants& constants;
  const WindowRuns& in;
  const float* residual;
  float* out;
};

/// The sums of kPixels pixels for kVectors vectors of outputs.
template <std::size_t kPixels, std::size_t kVectors, typename D>
using Tile = std::array<std::array<hn::Vec<D>, kVectors>, kPixels>;

/// Adds a window of every pixel to the sums, from output `m` on. Every weight is read once for all
/// the pixels, every input once for all the vectors.
template <std::size_t kPixels, std::size_t kVectors, typename D>
HWY_INLINE void add_windows(D d, const DenseConstants& constants, const WindowRuns& in,
                            std::size_t pixel, std::size_t m, Tile<kPixels, kVectors, D>& sums) {
  using V = hn::Vec<D>;
  constexpr std::size_t kThirds = (kPixels + 2) / 3;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t step = in.pixel_step;
  const float* weights = constants.weights.data() + m;
  for (const float* const run : in.runs) {
    // One pointer for three pixels: what an address can hold beside it is once or twice the step.
    std::array<const float*, kThirds> x{};
#pragma GCC unroll 16
    for (std::size_t t = 0; t < kThirds; ++t)
      x[t] = run + (pixel + 3 * t) * step;
    for (std::size_t k = 0; k < in.run_length; ++k, weights += constants.outputs) {
      std::array<V, kVectors> w;
#pragma GCC unroll 16
      for (std::size_t v = 0; v < kVectors; ++v)
        w[v] = hn::LoadU(d, weights + v * lanes);
#pragma GCC unroll 16
      for (std::size_t p = 0; p < kPixels; ++p) {
        const V input = hn::Set(d, x[p / 3][p % 3 * step]);
#pragma GCC unroll 16
        for (std::size_t v = 0; v < kVectors; ++v)
          sums[p][v] = hn::MulAdd(input, w[v], sums[p][v]);
      }
#pragma GCC unroll 16
      for (std::size_t t = 0; t < kThirds; ++t)
        ++x[t];
    }
  }
}

template <std::size_t kPixels, std::size_t kVectors, typename D>
HWY_INLINE void dense_tile(D d, const DenseRow& row, std::size_t pixel, std::size_t m) {
  const DenseConstants& constants = row.constants;
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  Tile<kPixels, kVectors, D> sums;
#pragma GCC unroll 16
  for (std::size_t v = 0; v < kVectors; ++v) {
    const V bias = hn::LoadU(d, constants.bias.data() + m + v * lanes);
#pragma GCC unroll 16
    for (std::size_t p = 0; p < kPixels; ++p)
      sums[p][v] = bias;
  }
  add_windows<kPixels, kVectors>(d, constants, row.in, pixel, m, sums);
#pragma GCC unroll 16
  for (std::size_t v = 0; v < kVectors; ++v) {
    const V slope = hn::LoadU(d, constants.slope.data() + m + v * lanes);
#pragma GCC unroll 16
    for (std::size_t p = 0; p < kPixels; ++p) {
      const std::size_t at = (pixel + p) * constants.outputs + m + v * lanes;
      V sum = sums[p][v];
      if (row.residual != nullptr) sum = hn::Add(sum, hn::LoadU(d, row.residual + at));
      hn::StoreU(prelu(d, sum, slope), d, row.out + at);
    }
  }
}

/// A whole row of kVectors vectors of outputs, in tiles as even as can be.
template <std::size_t kVectors, typename D>
HWY_INLINE void dense_columns(D d, const DenseRow& row, std::size_t pixels, std::size_t m) {
  constexpr std::size_t kEven = kTilePixels * 2 / 3;
  std::size_t i = 0;
  for (std::size_t left = pixels; left > 0; left = pixels - i) {
    if (left >= kTilePixels && left != 2 * kEven) {
      dense_tile<kTilePixels, kVectors>(d, row, i, m);
      i += kTilePixels;
    } else if (left >= kEven) {
      dense_tile<kEven, kVectors>(d, row, i, m);
      i += kEven;
    } else if (left >= 4) {
      dense_tile<4, kVectors>(d, row, i, m);
      i += 4;
    } else if (left >= 2) {
      dense_tile<2, kVectors>(d, row, i, m);
      i += 2;
    } else {
      dense_tile<1, kVectors>(d, row, i, m);
      i += 1;
    }
  }
}

void dense(const DenseConstants& constants, const WindowRuns& in, std::size_t pixels,
           // NOLINTNEXTLINE(readability-non-const-parameter): the tiles write to it
           const float* residual, float* out) {
  const DenseRow row{.constants = constants, .in = in, .residual = residual, .out = out};
  const Full full;
  const Rest rest;
  const std::size_t lanes = hn::Lanes(full);
  std::size_t m = 0;
  for (; m + 2 * lanes <= constants.outputs; m += 2 * lanes) {
    dense_columns<2>(full, row, pixels, m);
  }
  for (; m + lanes <= constants.outputs; m += lanes) {
    dense_columns<1>(full, row, pixels, m);
  }
  for (; m < constants.outputs; m += hn::Lanes(rest)) {
    dense_columns<1>(rest, row, pixels, m);
  }
}

/// kPixels pixels of one vector of channels, from channel `m` on. Each input is read once.
template <std::size_t kPixels, typename D>
HWY_INLINE void depthwise_tile(D d, const DepthwiseConstants& constants, const DepthwiseRows& rows,
                               std::size_t pixel, std::size_t m, float* out) {
  using V = hn::Vec<D>;
  const std::size_t channels = constants.channels;
  const V bias = hn::LoadU(d, constants.bias.data() + m);
  std::array<V, kPixels> sums;
#pragma GCC unroll 16
  for (std::size_t p = 0; p < kPixels; ++p)
    sums[p] = bias;
#pragma GCC unroll 16
  for (std::size_t row = 0; row < 3; ++row) {
    const float* weights = constants.weights.data() + row * 3 * channels + m;
    const V left = hn::LoadU(d, weights);
    const V middle = hn::LoadU(d, weights + channels);
    const V right = hn::LoadU(d, weights + 2 * channels);
    const float* in = rows[row] + pixel * channels + m;
    std::array<V, kPixels + 2> x;
#pragma GCC unroll 16
    for (std::size_t p = 0; p < kPixels + 2; ++p) {
      x[p] = hn::LoadU(d, in + p * channels);
    }
#pragma GCC unroll 16
    for (std::size_t p = 0; p < kPixels; ++p) {
      sums[p] = hn::MulAdd(x[p], left, sums[p]);
      sums[p] = hn::MulAdd(x[p + 1], middle, sums[p]);
      sums[p] = hn::MulAdd(x[p + 2], right, sums[p]);
    }
  }
  const V slope = hn::LoadU(d, constants.slope.data() + m);
#pragma GCC unroll 16
  for (std::size_t p = 0; p < kPixels; ++p) {
    hn::StoreU(prelu(d, sums[p], slope), d, out + (pixel + p) * channels + m);
  }
}

template <typename D>
HWY_INLINE void depthwise_columns(D d, const DepthwiseConstants& constants,
                                  const DepthwiseRows& rows, std::size_t pixels, std::size_t m,
                                  float* out) {
  constexpr std::size_t kWide = 4;
  std::size_t i = 0;
  for (; i + kWide <= pixels; i += kWide) {
    depthwise_tile<kWide>(d, constants, rows, i, m, out);
  }
  for (; i < pixels; ++i) {
    depthwise_tile<1>(d, constants, rows, i, m, out);
  }
}

void depthwise(const DepthwiseConstants& constants, const DepthwiseRows& rows, std::size_t pixels,
               float* out) {
  const Full full;
  const Rest rest;
  std::size_t m = 0;
  for (; m + hn::Lanes(full) <= constants.channels; m += hn::Lanes(full)) {
    depthwise_columns(full, constants, rows, pixels, m, out);
  }
  for (; m < constants.channels; m += hn::Lanes(rest)) {
    depthwise_columns(rest, constants, rows, pixels, m, out);
  }
}

void max_pool(const PooledRows& rows, std::size_t channels, std::size_t out_channels,
              std::size_t pixels, float* out) {
  const Rest d;
  for (std::size_t i = 0; i < pixels; ++i, out += out_channels) {
    for (std::size_t c = 0; c < channels; c += hn::Lanes(d)) {
      const float* above = rows[0] + 2 * i * channels + c;
      const float* below = rows[1] + 2 * i * channels + c;
      const auto top = hn::Max(hn::LoadU(d, above), hn::LoadU(d, above + channels));
      const auto bottom = hn::Max(hn::LoadU(d, below), hn::LoadU(d, below + channels));
      hn::StoreU(hn::Max(top, bottom), d, out + c);
    }
    std::fill(out + channels, out + out_channels, 0.0F);
  }
}

RowKernels kernels() {
  return {.dense = dense, .depthwise = depthwise, .max_pool = max_pool};
}

}  // namespace
}  // namespace retinue::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace retinue {
namespace {
HWY_EXPORT(kernels);

std::vector<float> or_all(std::span<const float> values, std::size_t count, float otherwise) {
  std::vector<float> all(values.begin(), values.end());
  if (all.empty()) all.assign(count, otherwise);
  return all;
}

}  // namespace

DenseConstants pack_dense(const ConvolutionConstants& constants, std::size_t outputs,
                          std::size_t inputs, std::size_t taps) {
  DenseConstants packed{.outputs = outputs,
                        .weights = std::vector<float>(outputs * inputs * taps),
                        .bias = or_all(constants.bias, outputs, 0.0F),
                        .slope = or_all(constants.slope, outputs, 1.0F)};
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        packed.weights[(tap * inputs + i) * outputs + o] =
            constants.weights[(o * inputs + i) * taps + tap];
      }
    }
  }
  return packed;
}

DepthwiseConstants pack_depthwise(const ConvolutionConstants& constants, std::size_t channels) {
  constexpr std::size_t kTaps = 9;
  DepthwiseConstants packed{.channels = channels,
                            .weights = std::vector<float>(kTaps * channels),
                            .bias = or_all(constants.bias, channels, 0.0F),
                            .slope = or_all(constants.slope, channels, 1.0F)};
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t tap = 0; tap < kTaps; ++tap) {
      packed.weights[tap * channels + c] = constants.weights[c * kTaps + tap];
    }
  }
  return packed;
}

RowKernels row_kernels() {
  return HWY_DYNAMIC_DISPATCH(kernels)();
}

}  // namespace retinue
#endif
