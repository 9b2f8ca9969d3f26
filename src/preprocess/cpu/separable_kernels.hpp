/// The two halves of separable resampling, in vectors: rows are blended into one row of floats,
/// whose samples are then blended into the means that are wanted. And what prepares samples for
/// being gathered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "preprocess/cpu/axis_taps.hpp"

namespace retinue {

/// Floats by which a row that `blend_samples` reads must be longer than its samples.
inline constexpr std::size_t kRowPadding = 2 * AxisTaps::kPadding;

/// Numbers in memory that are to be blended, one row for each weight.
struct RowBlend {
  std::span<const std::byte* const> rows;
  std::span<const float> weights;
  /// Of the same length, and asked for on the way: what will be blended next, if another core wrote
  /// it, comes while this is. May be empty.
  std::span<const std::byte* const> next_rows;
  std::size_t count = 0;  ///< Numbers in a row.
  int bytes_per_number = 1;
  std::uint32_t significant_bits = 0xff;  ///< Others are taken for 0.
};

/// out[x] = sum of weights[r] * rows[r][x]. Reads and writes `count` numbers of each row, no more.
void blend_rows(const RowBlend& blend, float* out);

/// out[i] = sum over t of weight(i, t) * row[(first(i) - begin + t) * step] for the windows
/// `first_window` <= i < `last_window`. `row` starts with the sample `taps.begin()`; reads up to
/// `kRowPadding` floats beyond the last sample, and writes as many beyond the last window.
struct SampleBlend {
  const float* row = nullptr;
  int step = 1;  ///< From one sample to the next, in floats.
  int first_window = 0;
  int last_window = 0;
};

void blend_samples(const SampleBlend& blend, const AxisTaps& taps, float* out);

/// out[x] = row[x] * scale, rounded to nearest.
void store_u16(const float* row, float scale, std::size_t count, std::uint16_t* out);

/// out[2 * x] = first[x], out[2 * x + 1] = second[x]. Reads `count` bytes of each, no more.
void interleave_bytes(const std::byte* first, const std::byte* second, std::size_t count,
                      std::byte* out);

}  // namespace retinue
