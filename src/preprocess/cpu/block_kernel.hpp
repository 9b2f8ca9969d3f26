/// Means over square blocks of bytes that lie side by side: a picture at a half or a quarter of its
/// size.
#pragma once

#include <cstddef>
#include <span>

namespace retinue {

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

}  // namespace retinue
