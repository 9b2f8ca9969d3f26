/// Rows of a frame are read before the processor can see them coming, and another core wrote them.
#pragma once

#include <cstddef>
#include <span>

namespace retinue {

/// Asks for the cache line at `offset_bytes` of each row, to come while others are worked on. For
/// loops that go through a row: does something where a line begins.
///
/// GCC 12 takes a function that only prefetches for one without effects and drops calls of it,
/// unless it is inlined first.
[[gnu::always_inline]] inline void prefetch_line(std::span<const std::byte* const> rows,
                                                 std::size_t offset_bytes) {
  constexpr std::size_t kCacheLine = 64;
  constexpr int kIntoSecondLevel = 2;
  if (offset_bytes % kCacheLine != 0) return;
  for (const std::byte* row : rows)
    __builtin_prefetch(row + offset_bytes, 0, kIntoSecondLevel);
}

}  // namespace retinue
