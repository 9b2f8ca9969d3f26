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

/// Block by block.
template <std::size_t kSide>
void mean_blocks_plainly(const BlockRow& blocks, float* out) {
  for (std::size_t i = 0; i < blocks.count; ++i) {
    int sum = 0;
    for (const std::byte* row : blocks.rows) {
      for (std::size_t x = 0; x < kSide; ++x)
        sum += std::to_integer<int>(row[kSide * i + x]);
    }
    out[i] = static_cast<float>(sum) / (kSide * kSide);
  }
}

/// Window by window.
void blend_columns_plainly(const ColumnBlend& blend, float* out) {
  for (std::size_t i = 0; i < blend.count; ++i) {
    int sum = 0;
    for (std::size_t t = 0; t < blend.weights.size(); ++t) {
      sum += blend.weights[t] * (std::to_integer<int>(blend.rows[0][2 * i + t]) +
                                 std::to_integer<int>(blend.rows[1][2 * i + t]));
    }
    out[i] = ColumnBlend::kWeightUnit * static_cast<float>(sum);
  }
}

#if HWY_TARGET == HWY_SCALAR

template <std::size_t kSide>
void mean_blocks_of(const BlockRow& blocks, float* out) {
  mean_blocks_plainly<kSide>(blocks, out);
}

void vector_blend_columns(const ColumnBlend& blend, float* out) {
  blend_columns_plainly(blend, out);
}

#else

using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::RebindToSigned<FloatTag>;
using HalfTag = hn::RepartitionToNarrow<IntTag>;
using CountTag = hn::RebindToUnsigned<HalfTag>;
using ByteTag = hn::Rebind<std::uint8_t, HalfTag>;
using Floats = hn::Vec<FloatTag>;
using Ints = hn::Vec<IntTag>;
using Halves = hn::Vec<HalfTag>;
using Counts = hn::Vec<CountTag>;

/// What products of halves sum up to: for each lane, those of its low half and of its high half.
class PairProducts {
 public:
  HWY_INLINE PairProducts() : sum_(hn::Zero(IntTag())), rest_(hn::Zero(IntTag())) {}

  HWY_INLINE void add(Halves a, Halves b) {
    sum_ = hn::ReorderWidenMulAccumulate(IntTag(), a, b, sum_, rest_);
  }

  HWY_INLINE Floats sum() const {
    return hn::ConvertTo(FloatTag(), hn::RearrangeToOddPlusEven(sum_, rest_));
  }

 private:
  Ints sum_;
  Ints rest_;
};

/// The sums of neighbouring bytes at `offset`, over all rows.
template <std::size_t kSide>
HWY_INLINE Counts pair_sums(const std::array<const std::byte*, kSide>& rows, std::size_t offset) {
  const CountTag d;
  const Counts low_byte = hn::Set(d, 0x00ff);
  Counts sums = hn::Zero(d);
  // Otherwise GCC 12 reads the rows' addresses from memory for each vector.
#pragma GCC unroll 4
  for (std::size_t r = 0; r < kSide; ++r) {
    const Counts pairs = hn::LoadU(d, reinterpret_cast<const std::uint16_t*>(rows[r] + offset));
    sums = hn::Add(sums, hn::And(pairs, low_byte));
    sums = hn::Add(sums, hn::ShiftRight<8>(pairs));
  }
  return sums;
}

/// Means of the blocks of one vector of sums.
template <std::size_t kSide>
HWY_INLINE void store_means(Counts sums, float* out) {
  const FloatTag d;
  const Floats share = hn::Set(d, 1.0F / (kSide * kSide));
  if constexpr (kSide == 4) {
    PairProducts both;
    both.add(hn::BitCast(HalfTag(), sums), hn::Set(HalfTag(), 1));
    hn::StoreU(hn::Mul(both.sum(), share), d, out);
  } else {
    const hn::Half<CountTag> half;
    const auto means = [&](auto counts) {
      return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(IntTag(), counts)), share);
    };
    hn::StoreU(means(hn::LowerHalf(half, sums)), d, out);
    hn::StoreU(means(hn::UpperHalf(half, sums)), d, out + hn::Lanes(d));
  }
}

template <std::size_t kSide>
void mean_blocks_of(const BlockRow& blocks, float* out) {
  const std::size_t blocks_at_once = 2 * hn::Lanes(CountTag()) / kSide;
  if (blocks.count < blocks_at_once) return mean_blocks_plainly<kSide>(blocks, out);
  std::array<const std::byte*, kSide> rows{};
  std::copy_n(blocks.rows.begin(), kSide, rows.begin());
  const std::span<const std::byte* const> next_rows = blocks.next_rows;
  for (std::size_t i = 0; i + blocks_at_once <= blocks.count; i += blocks_at_once) {
    prefetch_line(next_rows, kSide * i);
    store_means<kSide>(pair_sums(rows, kSide * i), out + i);
  }
  // The last vector ends with the row and overlaps its predecessor.
  const std::size_t last = blocks.count - blocks_at_once;
  store_means<kSide>(pair_sums(rows, kSide * last), out + last);
}

/// Weights of neighbouring columns, for products of pairs.
HWY_INLINE Halves weight_pairs(std::int16_t first, std::int16_t second) {
  return hn::BitCast(HalfTag(), hn::Set(IntTag(), first + second * (1 << 16)));
}

/// Of single columns, over both rows.
HWY_INLINE Halves column_sums(const std::array<const std::byte*, 2>& rows, std::size_t offset) {
  const auto column = [offset](const std::byte* row) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(row + offset);
    return hn::PromoteTo(HalfTag(), hn::LoadU(ByteTag(), bytes));
  };
  return hn::Add(column(rows[0]), column(rows[1]));
}

void vector_blend_columns(const ColumnBlend& blend, float* out) {
  const FloatTag d;
  const std::size_t windows_at_once = hn::Lanes(d);
  if (blend.count < windows_at_once) return blend_columns_plainly(blend, out);
  const std::array<const std::byte*, 2> rows = blend.rows;
  const std::span<const std::byte* const> next_rows = blend.next_rows;
  const Halves first_two = weight_pairs(blend.weights[0], blend.weights[1]);
  const Halves last = weight_pairs(0, blend.weights[2]);
  const Floats unit = hn::Set(d, ColumnBlend::kWeightUnit);
  const auto blend_at = [&](std::size_t i) {
    PairProducts products;
    products.add(column_sums(rows, 2 * i), first_two);
    products.add(column_sums(rows, 2 * i + 1), last);
    hn::StoreU(hn::Mul(products.sum(), unit), d, out + i);
  };
  for (std::size_t i = 0; i + windows_at_once <= blend.count; i += windows_at_once) {
    prefetch_line(next_rows, 2 * i);
    blend_at(i);
  }
  // The last vector ends with the row and overlaps its predecessor.
  blend_at(blend.count - windows_at_once);
}

#endif

void vector_mean_blocks(const BlockRow& blocks, float* out) {
  if (blocks.rows.size() == 2) return mean_blocks_of<2>(blocks, out);
  mean_blocks_of<4>(blocks, out);
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
