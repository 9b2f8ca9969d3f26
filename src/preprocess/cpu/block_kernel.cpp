#include "preprocess/cpu/block_kernel.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "preprocess/cpu/row_prefetch.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "preprocess/cpu/block_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace retinue::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::RebindToSigned<FloatTag>;
using WordTag = hn::RebindToUnsigned<FloatTag>;
using Floats = hn::Vec<FloatTag>;
using Words = hn::Vec<WordTag>;

/// Of the four bytes of each word at `offset`, the sums of both pairs of neighbours, over all rows:
/// one in the low half of the word, one in the high half.
template <std::size_t kSide>
HWY_INLINE Words pair_sums(const std::array<const std::byte*, kSide>& rows, std::size_t offset) {
  const WordTag d;
  const Words low_bytes = hn::Set(d, 0x00ff00ffU);
  Words sums = hn::Zero(d);
  for (const std::byte* row : rows) {
    const Words words = hn::LoadU(d, reinterpret_cast<const std::uint32_t*>(row + offset));
    const Words pairs =
        hn::Add(hn::And(words, low_bytes), hn::And(hn::ShiftRight<8>(words), low_bytes));
    sums = hn::Add(sums, pairs);
  }
  return sums;
}

HWY_INLINE Floats low_halves(Words words) {
  const Words low = hn::And(words, hn::Set(WordTag(), 0xffffU));
  return hn::ConvertTo(FloatTag(), hn::BitCast(IntTag(), low));
}

HWY_INLINE Floats high_halves(Words words) {
  return hn::ConvertTo(FloatTag(), hn::BitCast(IntTag(), hn::ShiftRight<16>(words)));
}

/// Means of the blocks of one vector of words.
template <std::size_t kSide>
HWY_INLINE void store_means(Words sums, float* out) {
  const FloatTag d;
  const Floats share = hn::Set(d, 1.0F / (kSide * kSide));
  if constexpr (kSide == 4) {
    const Words both =
        hn::Add(hn::And(sums, hn::Set(WordTag(), 0xffffU)), hn::ShiftRight<16>(sums));
    hn::StoreU(hn::Mul(hn::ConvertTo(d, hn::BitCast(IntTag(), both)), share), d, out);
  } else {
    hn::StoreInterleaved2(hn::Mul(low_halves(sums), share), hn::Mul(high_halves(sums), share), d,
                          out);
  }
}

template <std::size_t kSide>
void mean_blocks_of(const BlockRow& blocks, float* out) {
  const std::size_t bytes_at_once = hn::Lanes(WordTag()) * sizeof(std::uint32_t);
  const std::size_t blocks_at_once = bytes_at_once / kSide;
  std::array<const std::byte*, kSide> rows{};
  std::copy_n(blocks.rows.begin(), kSide, rows.begin());
  if (blocks.count < blocks_at_once) {
    for (std::size_t i = 0; i < blocks.count; ++i) {
      int sum = 0;
      for (const std::byte* row : rows) {
        for (std::size_t x = 0; x < kSide; ++x)
          sum += std::to_integer<int>(row[kSide * i + x]);
      }
      out[i] = static_cast<float>(sum) / (kSide * kSide);
    }
    return;
  }
  for (std::size_t i = 0; i + blocks_at_once <= blocks.count; i += blocks_at_once) {
    prefetch_line(blocks.next_rows, kSide * i);
    store_means<kSide>(pair_sums(rows, kSide * i), out + i);
  }
  // The last vector ends with the row and overlaps its predecessor.
  const std::size_t last = blocks.count - blocks_at_once;
  store_means<kSide>(pair_sums(rows, kSide * last), out + last);
}

void vector_mean_blocks(const BlockRow& blocks, float* out) {
  if (blocks.rows.size() == 2) return mean_blocks_of<2>(blocks, out);
  mean_blocks_of<4>(blocks, out);
}

/// Columns of both rows in the words of one vector: sums of the even ones and of the odd ones, as
/// `pair_sums` has them, and of the even ones that follow each word.
struct ColumnSums {
  Words even;
  Words odd;
  Words next_even;
};

HWY_INLINE ColumnSums column_sums(const std::array<const std::byte*, 2>& rows, std::size_t offset) {
  const WordTag d;
  const Words low_bytes = hn::Set(d, 0x00ff00ffU);
  ColumnSums sums{hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (const std::byte* row : rows) {
    const Words here = hn::LoadU(d, reinterpret_cast<const std::uint32_t*>(row + offset));
    const Words next = hn::LoadU(d, reinterpret_cast<const std::uint32_t*>(row + offset + 1));
    sums.even = hn::Add(sums.even, hn::And(here, low_bytes));
    sums.odd = hn::Add(sums.odd, hn::And(next, low_bytes));
    sums.next_even = hn::Add(sums.next_even, hn::ShiftRight<24>(next));
  }
  return sums;
}

HWY_INLINE Floats weigh(Floats a, Floats b, Floats c, const std::array<float, 3>& weights) {
  const FloatTag d;
  return hn::MulAdd(c, hn::Set(d, weights[2]),
                    hn::MulAdd(b, hn::Set(d, weights[1]), hn::Mul(a, hn::Set(d, weights[0]))));
}

/// Two windows for each word.
HWY_INLINE void store_windows(const ColumnSums& sums, const std::array<float, 3>& weights,
                              float* out) {
  const FloatTag d;
  const Floats middle = high_halves(sums.even);
  const Floats next = hn::ConvertTo(d, hn::BitCast(IntTag(), sums.next_even));
  hn::StoreInterleaved2(weigh(low_halves(sums.even), low_halves(sums.odd), middle, weights),
                        weigh(middle, high_halves(sums.odd), next, weights), d, out);
}

void vector_blend_columns(const ColumnBlend& blend, float* out) {
  const std::size_t windows_at_once = 2 * hn::Lanes(WordTag());
  const std::array<const std::byte*, 2> rows = blend.rows;
  const std::array<float, 3> weights = blend.weights;
  if (blend.count < windows_at_once) {
    for (std::size_t i = 0; i < blend.count; ++i) {
      out[i] = 0;
      for (std::size_t t = 0; t < weights.size(); ++t) {
        const int sum =
            std::to_integer<int>(rows[0][2 * i + t]) + std::to_integer<int>(rows[1][2 * i + t]);
        out[i] += weights[t] * static_cast<float>(sum);
      }
    }
    return;
  }
  for (std::size_t i = 0; i + windows_at_once <= blend.count; i += windows_at_once) {
    prefetch_line(blend.next_rows, 2 * i);
    store_windows(column_sums(rows, 2 * i), weights, out + i);
  }
  // The last vector ends with the row and overlaps its predecessor.
  const std::size_t last = blend.count - windows_at_once;
  store_windows(column_sums(rows, 2 * last), weights, out + last);
}

}  // namespace
}  // namespace retinue::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace retinue {

HWY_EXPORT(vector_mean_blocks);
HWY_EXPORT(vector_blend_columns);

void mean_blocks(const BlockRow& blocks, float* out) {
  HWY_DYNAMIC_DISPATCH(vector_mean_blocks)(blocks, out);
}

void blend_columns(const ColumnBlend& blend, float* out) {
  HWY_DYNAMIC_DISPATCH(vector_blend_columns)(blend, out);
}

}  // namespace retinue
#endif
