/// Means over blocks of bytes that lie two or four apart, and over windows of three columns that
/// lie two apart: a picture at a half or a quarter of its size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace retinue {

/// Of the sides that `mean_blocks` can take.
inline constexpr std::size_t kLargestBlock = 4;

/// Whether `mean_blocks` can take blocks of `side` x `side` bytes.
constexpr bool has_block_means(int side) {
  return side == 2 || side == 4;
}

/// A row of blocks: block i has the bytes `i * side` to `(i + 1) * side` of each row.
struct BlockRow {
  /// As many as a block's side, which `has_block_means`.
  std::span<const std::byte* const> rows;
  /// Of the same length as `rows`' rows, and asked for on the way: what will be wanted next, if
  /// another core wrote it, comes while this is. May be empty.
  std::span<const std::byte* const> next_rows;
  std::size_t count = 0;  ///< Of blocks.
};

/// out[i] = the mean of block i, exactly. Reads and writes `count` blocks, no more.
void mean_blocks(const BlockRow& blocks, float* out);

/// A row of windows, three columns wide and two rows high, each two columns after its predecessor:
/// what halves chroma whose samples do not lie in the middle of their pixels (BT.601 to BT.2020 as
/// H.264 has them by default).
struct ColumnBlend {
  /// What weights are in units of.
  static constexpr float kWeightUnit = 1.0F / (1 << 15);

  std::array<const std::byte*, 2> rows{};
  std::span<const std::byte* const> next_rows;  ///< As those of BlockRow.
  std::array<std::int16_t, 3> weights{};        ///< Of the sums of both rows; not negative.
  std::size_t count = 0;                        ///< Of windows.
};

/// out[i] = kWeightUnit * sum over t of weights[t] * (rows[0][2 * i + t] + rows[1][2 * i + t]).
/// Reads 2 * `count` + 1 bytes of each row and writes `count` numbers, no more.
void blend_columns(const ColumnBlend& blend, float* out);

}  // namespace retinue
