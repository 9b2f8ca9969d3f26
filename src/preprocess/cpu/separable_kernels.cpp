#include "preprocess/cpu/separable_kernels.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "preprocess/cpu/row_prefetch.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "preprocess/cpu/separable_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace retinue::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::RebindToSigned<FloatTag>;
using Floats = hn::Vec<FloatTag>;
using Ints = hn::Vec<IntTag>;

template <typename Number>
HWY_INLINE Floats load_numbers(const std::byte* from, [[maybe_unused]] Ints mask) {
  const hn::Rebind<Number, FloatTag> d;
  const Ints numbers = hn::PromoteTo(IntTag(), hn::LoadU(d, reinterpret_cast<const Number*>(from)));
  if constexpr (sizeof(Number) == 1) {
    return hn::ConvertTo(FloatTag(), numbers);
  } else {
    return hn::ConvertTo(FloatTag(), hn::And(numbers, mask));
  }
}

template <typename Number>
HWY_INLINE Floats blend_at(const RowBlend& blend, std::size_t x, Ints mask) {
  const FloatTag d;
  const std::size_t offset_bytes = x * sizeof(Number);
  Floats sum = hn::Mul(load_numbers<Number>(blend.rows[0] + offset_bytes, mask),
                       hn::Set(d, blend.weights[0]));
  for (std::size_t r = 1; r < blend.rows.size(); ++r) {
    sum = hn::MulAdd(load_numbers<Number>(blend.rows[r] + offset_bytes, mask),
                     hn::Set(d, blend.weights[r]), sum);
  }
  return sum;
}

/// A number of rows that the compiler knows. Returns how many numbers are done.
template <typename Number, std::size_t kRows>
std::size_t blend_few_rows(const RowBlend& blend, Ints mask, float* out) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  std::array<const std::byte*, kRows> rows{};
  std::array<Floats, kRows> weights;
  for (std::size_t r = 0; r < kRows; ++r) {
    rows[r] = blend.rows[r];
    weights[r] = hn::Set(d, blend.weights[r]);
  }
  std::size_t x = 0;
  for (; x + lanes <= blend.count; x += lanes) {
    prefetch_line(blend.next_rows, x * sizeof(Number));
    Floats sum = hn::Mul(load_numbers<Number>(rows[0] + x * sizeof(Number), mask), weights[0]);
    for (std::size_t r = 1; r < kRows; ++r) {
      sum = hn::MulAdd(load_numbers<Number>(rows[r] + x * sizeof(Number), mask), weights[r], sum);
    }
    hn::StoreU(sum, d, out + x);
  }
  return x;
}

template <typename Number>
std::size_t blend_whole_vectors(const RowBlend& blend, Ints mask, float* out) {
  switch (blend.rows.size()) {
    case 1:
      return blend_few_rows<Number, 1>(blend, mask, out);
    case 2:
      return blend_few_rows<Number, 2>(blend, mask, out);
    case 3:
      return blend_few_rows<Number, 3>(blend, mask, out);
    case 4:
      return blend_few_rows<Number, 4>(blend, mask, out);
    default:
      break;
  }
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= blend.count; x += lanes) {
    prefetch_line(blend.next_rows, x * sizeof(Number));
    hn::StoreU(blend_at<Number>(blend, x, mask), d, out + x);
  }
  return x;
}

template <typename Number>
void blend_rows_of(const RowBlend& blend, float* out) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  const Ints mask = hn::Set(IntTag(), static_cast<std::int32_t>(blend.significant_bits));
  if (blend.count >= lanes) {
    if (blend_whole_vectors<Number>(blend, mask, out) == blend.count) return;
    // The last vector ends with the row and overlaps its predecessor.
    const std::size_t last = blend.count - lanes;
    hn::StoreU(blend_at<Number>(blend, last, mask), d, out + last);
    return;
  }
  for (std::size_t x = 0; x < blend.count; ++x) {
    float sum = 0;
    for (std::size_t r = 0; r < blend.rows.size(); ++r) {
      Number number = 0;
      std::memcpy(&number, blend.rows[r] + x * sizeof number, sizeof number);
      sum += blend.weights[r] * static_cast<float>(number & blend.significant_bits);
    }
    out[x] = sum;
  }
}

void vector_blend_rows(const RowBlend& blend, float* out) {
  if (blend.bytes_per_number == 1) {
    blend_rows_of<std::uint8_t>(blend, out);
  } else {
    blend_rows_of<std::uint16_t>(blend, out);
  }
}

/// Looks lanes up among the kVectors * Lanes floats from `from`: a permutation of each vector takes
/// less time than gathering.
template <std::size_t kVectors>
class NearLookup {
 public:
  explicit NearLookup(Ints offsets)
      : offsets_(offsets),
        indices_(hn::IndicesFromVec(FloatTag(),
                                    hn::And(offsets, hn::Set(IntTag(), lane_count() - 1)))) {}

  static bool reaches(std::int32_t span) {
    return span < static_cast<std::int32_t>(kVectors) * lane_count();
  }

  HWY_INLINE Floats operator()(const float* from) const {
    const FloatTag d;
    Floats result = hn::TableLookupLanes(hn::LoadU(d, from), indices_);
    for (std::size_t v = 1; v < kVectors; ++v) {
      const auto first = static_cast<std::int32_t>(v) * lane_count();
      const auto is_here = hn::RebindMask(d, hn::Gt(offsets_, hn::Set(IntTag(), first - 1)));
      const Floats vector = hn::LoadU(d, from + v * hn::Lanes(d));
      result = hn::IfThenElse(is_here, hn::TableLookupLanes(vector, indices_), result);
    }
    return result;
  }

 private:
  static std::int32_t lane_count() { return static_cast<std::int32_t>(hn::Lanes(FloatTag())); }

  Ints offsets_;
  decltype(hn::IndicesFromVec(FloatTag(), Ints())) indices_;
};

/// Sum over the taps of weight * lookup(start of the tap's floats).
template <typename Lookup>
HWY_INLINE Floats weigh(int step, const AxisTaps& taps, std::int32_t i, const float* from,
                        const Lookup& lookup) {
  const FloatTag d;
  const float* weights = taps.weights(0) + i;
  const std::ptrdiff_t next_weights = taps.weights(1) - taps.weights(0);
  Floats sum = hn::Mul(lookup(from), hn::LoadU(d, weights));
  for (int t = 1; t < taps.taps(); ++t) {
    from += step;
    weights += next_weights;
    sum = hn::MulAdd(lookup(from), hn::LoadU(d, weights), sum);
  }
  return sum;
}

/// Sum of kCount taps, with the weights of taps from `weights` on. The windows of the lanes start
/// kCount floats after each other.
template <int kCount>
HWY_INLINE Floats add_taps(const float* from, const float* weights, std::ptrdiff_t next_weights,
                           Floats sum) {
  const FloatTag d;
  Floats a;
  Floats b;
  Floats c;
  Floats e;
  if constexpr (kCount == 1) a = hn::LoadU(d, from);
  if constexpr (kCount == 2) hn::LoadInterleaved2(d, from, a, b);
  if constexpr (kCount == 3) hn::LoadInterleaved3(d, from, a, b, c);
  if constexpr (kCount == 4) hn::LoadInterleaved4(d, from, a, b, c, e);
  sum = hn::MulAdd(a, hn::LoadU(d, weights), sum);
  if constexpr (kCount > 1) sum = hn::MulAdd(b, hn::LoadU(d, weights + next_weights), sum);
  if constexpr (kCount > 2) sum = hn::MulAdd(c, hn::LoadU(d, weights + 2 * next_weights), sum);
  if constexpr (kCount > 3) sum = hn::MulAdd(e, hn::LoadU(d, weights + 3 * next_weights), sum);
  return sum;
}

/// Of the windows from `i` to `last`, those in whole vectors within the run. Returns the first that
/// is not done.
template <int kRunStep>
std::int32_t blend_run(const float* from, const AxisTaps& taps, std::int32_t i, std::int32_t last,
                       float* out) {
  const FloatTag d;
  const auto lanes = static_cast<std::int32_t>(hn::Lanes(d));
  const std::ptrdiff_t next_weights = taps.weights(1) - taps.weights(0);
  const float* weights = taps.weights(0);
  const int tap_count = taps.taps();
  for (const std::int32_t end = taps.run_end(); i < last && i + lanes <= end; i += lanes) {
    Floats sum = hn::Zero(d);
    for (int t = 0; t < tap_count; t += kRunStep)
      sum = add_taps<kRunStep>(from + t, weights + t * next_weights + i, next_weights, sum);
    hn::StoreU(sum, d, out + i);
    from += kRunStep * lanes;
  }
  return i;
}

std::int32_t blend_any_run(const float* from, const AxisTaps& taps, std::int32_t i,
                           std::int32_t last, float* out) {
  static_assert(AxisTaps::kLargestRunStep == 4);
  if (taps.run_step() == 1) return blend_run<1>(from, taps, i, last, out);
  if (taps.run_step() == 2) return blend_run<2>(from, taps, i, last, out);
  if (taps.run_step() == 3) return blend_run<3>(from, taps, i, last, out);
  return blend_run<4>(from, taps, i, last, out);
}

void vector_blend_samples(const SampleBlend& blend, const AxisTaps& taps, float* out) {
  const FloatTag d;
  const IntTag di;
  const auto lanes = static_cast<std::int32_t>(hn::Lanes(d));
  const std::int32_t begin = taps.begin();
  for (std::int32_t i = blend.first_window; i < blend.last_window; i += lanes) {
    if (blend.step == 1 && i >= taps.run_begin()) {
      i = blend_any_run(blend.row + (taps.first(i) - begin), taps, i, blend.last_window, out);
      if (i >= blend.last_window) return;
    }
    const std::int32_t* firsts = taps.firsts() + i;
    const std::int32_t lowest = std::min(firsts[0], firsts[lanes - 1]);
    const std::int32_t span = std::abs(firsts[lanes - 1] - firsts[0]) * blend.step;
    const float* from = blend.row + std::ptrdiff_t{lowest - begin} * blend.step;
    const Ints offsets =
        hn::Mul(hn::Sub(hn::LoadU(di, firsts), hn::Set(di, lowest)), hn::Set(di, blend.step));
    if (lanes > 1 && NearLookup<2>::reaches(span)) {
      hn::StoreU(weigh(blend.step, taps, i, from, NearLookup<2>(offsets)), d, out + i);
    } else if (lanes > 1 && NearLookup<4>::reaches(span)) {
      hn::StoreU(weigh(blend.step, taps, i, from, NearLookup<4>(offsets)), d, out + i);
    } else {
      const auto gather = [d, offsets](const float* at) { return hn::GatherIndex(d, at, offsets); };
      hn::StoreU(weigh(blend.step, taps, i, from, gather), d, out + i);
    }
  }
}

void vector_store_u16(const float* row, float scale, std::size_t count, std::uint16_t* out) {
  const FloatTag d;
  const hn::Rebind<std::uint16_t, FloatTag> d16;
  const std::size_t lanes = hn::Lanes(d);
  const Floats factor = hn::Set(d, scale);
  for (std::size_t x = 0; x < count; x += lanes) {
    const Ints rounded = hn::NearestInt(hn::Mul(hn::LoadU(d, row + x), factor));
    hn::StoreU(hn::DemoteTo(d16, rounded), d16, out + x);
  }
}

void vector_interleave_bytes(const std::byte* first, const std::byte* second, std::size_t count,
                             std::byte* out) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto interleave_at = [&](std::size_t x) {
    const auto a = hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(first + x));
    const auto b = hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(second + x));
    hn::StoreInterleaved2(a, b, d, reinterpret_cast<std::uint8_t*>(out + 2 * x));
  };
  if (count < lanes) {
    for (std::size_t x = 0; x < count; ++x) {
      out[2 * x] = first[x];
      out[2 * x + 1] = second[x];
    }
    return;
  }
  for (std::size_t x = 0; x + lanes <= count; x += lanes)
    interleave_at(x);
  // The last vector ends with the row and overlaps its predecessor.
  interleave_at(count - lanes);
}

}  // namespace
}  // namespace retinue::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace retinue {

HWY_EXPORT(vector_blend_rows);
HWY_EXPORT(vector_blend_samples);
HWY_EXPORT(vector_store_u16);
HWY_EXPORT(vector_interleave_bytes);

void blend_rows(const RowBlend& blend, float* out) {
  HWY_DYNAMIC_DISPATCH(vector_blend_rows)(blend, out);
}

void blend_samples(const SampleBlend& blend, const AxisTaps& taps, float* out) {
  HWY_DYNAMIC_DISPATCH(vector_blend_samples)(blend, taps, out);
}

void store_u16(const float* row, float scale, std::size_t count, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(vector_store_u16)(row, scale, count, out);
}

void interleave_bytes(const std::byte* first, const std::byte* second, std::size_t count,
                      std::byte* out) {
  HWY_DYNAMIC_DISPATCH(vector_interleave_bytes)(first, second, count, out);
}

}  // namespace retinue
#endif
