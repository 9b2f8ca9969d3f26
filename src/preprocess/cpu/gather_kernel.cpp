#include "preprocess/cpu/gather_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "preprocess/cpu/gather_kernel.cpp"
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
using Ints = hn::Vec<IntTag>;
using Words = hn::Vec<WordTag>;

/// The lower of the two samples between which each lane lies, and how far it is to the higher one.
struct Between {
  Ints index;
  Floats fraction;
};

/// Lanes at start + lane * step, held within the samples 0 to count - 1.
///
/// The start is split into a whole and a fraction, so that floats hold the places of a vector's
/// lanes as exactly at sample 8000 as at sample 0.
HWY_INLINE Between between(double start, Floats lane_steps, int count) {
  const FloatTag d;
  constexpr double kFarOutside = 1 << 22;  // Floats hold whole numbers up to here times four.
  const double place = std::clamp(start, -kFarOutside, kFarOutside);
  const double whole = std::floor(place);
  const Floats first = hn::Set(d, static_cast<float>(-whole));
  const Floats last = hn::Set(d, static_cast<float>(count - 1 - whole));
  const Floats last_pair = hn::Set(d, static_cast<float>(count - 2 - whole));
  const Floats lanes = hn::Add(lane_steps, hn::Set(d, static_cast<float>(place - whole)));
  const Floats inside = hn::Min(hn::Max(lanes, first), last);
  const Floats lower = hn::Min(hn::Floor(inside), last_pair);
  const Ints index =
      hn::Add(hn::ConvertTo(IntTag(), lower), hn::Set(IntTag(), static_cast<std::int32_t>(whole)));
  return {index, hn::Sub(inside, lower)};
}

/// Reads 32-bit words of a row, each starting with a sample. Words that would run over the end of
/// the row are read earlier and shifted.
class WordReader {
 public:
  WordReader(Ints row_offset, Ints offset_in_row, int row_bytes) {
    const IntTag d;
    const Ints last = hn::Set(d, row_bytes - 4);
    const Ints held = hn::Min(offset_in_row, last);
    offset_ = hn::Add(row_offset, held);
    excess_ = hn::ShiftLeft<3>(hn::Sub(offset_in_row, held));
    fits_ = hn::AllFalse(d, hn::Gt(offset_in_row, last));
  }

  HWY_INLINE Words read(const std::byte* plane, std::ptrdiff_t row) const {
    const auto* base = reinterpret_cast<const std::int32_t*>(plane + row);
    const Words words = hn::BitCast(WordTag(), hn::GatherOffset(IntTag(), base, offset_));
    return fits_ ? words : words >> hn::BitCast(WordTag(), excess_);
  }

 private:
  Ints offset_;
  Ints excess_;
  bool fits_;
};

template <int kBits>
HWY_INLINE Floats low_bits(Words words, Words mask) {
  const Words bits = kBits == 0 ? words : hn::ShiftRight<kBits>(words);
  return hn::ConvertTo(FloatTag(), hn::BitCast(IntTag(), hn::And(bits, mask)));
}

HWY_INLINE Floats lerp(Floats a, Floats b, Floats fraction) {
  return hn::MulAdd(fraction, hn::Sub(b, a), a);
}

/// Each component in a plane of its own: one word holds a sample and its right neighbour.
template <int kBits>
struct SeparatePlanes {
  static constexpr bool kTwoWords = false;

  const ComponentGroup& group;
  Words mask;

  HWY_INLINE void row(const WordReader& left, const WordReader&, Floats fraction,
                      std::ptrdiff_t row, Floats* values) const {
    for (int c = 0; c < group.count; ++c) {
      const Words words = left.read(group.plane[static_cast<std::size_t>(c)], row);
      values[c] = lerp(low_bits<0>(words, mask), low_bits<kBits>(words, mask), fraction);
    }
  }
};

/// Two components of one byte, side by side: one word holds both samples of both.
struct BytePairs {
  static constexpr bool kTwoWords = false;

  const ComponentGroup& group;
  Words mask;

  HWY_INLINE void row(const WordReader& left, const WordReader&, Floats fraction,
                      std::ptrdiff_t row, Floats* values) const {
    const Words words = left.read(group.plane[0], row);
    values[0] = lerp(low_bits<0>(words, mask), low_bits<16>(words, mask), fraction);
    values[1] = lerp(low_bits<8>(words, mask), low_bits<24>(words, mask), fraction);
  }
};

/// Several components side by side: one word holds a sample of each, another their neighbours.
template <int kFirstBit, int kBits, int kCount>
struct Interleaved {
  static constexpr bool kTwoWords = true;

  const ComponentGroup& group;
  Words mask;

  HWY_INLINE void row(const WordReader& left, const WordReader& right, Floats fraction,
                      std::ptrdiff_t row, Floats* values) const {
    const Words a = left.read(group.plane[0], row);
    const Words b = right.read(group.plane[0], row);
    values[0] = lerp(low_bits<kFirstBit>(a, mask), low_bits<kFirstBit>(b, mask), fraction);
    values[1] =
        lerp(low_bits<kFirstBit + kBits>(a, mask), low_bits<kFirstBit + kBits>(b, mask), fraction);
    if constexpr (kCount == 3) {
      constexpr int kThird = kFirstBit + 2 * kBits;
      values[2] = lerp(low_bits<kThird>(a, mask), low_bits<kThird>(b, mask), fraction);
    }
  }
};

template <typename Taps>
void gather_with(const Taps& taps, const SampleLine& line, const std::array<float*, 3>& out) {
  const FloatTag d;
  const IntTag di;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const ComponentGroup& group = taps.group;
  const Floats lane = hn::ConvertTo(d, hn::Iota(di, 0));
  const Floats steps_x = hn::Mul(lane, hn::Set(d, static_cast<float>(line.step_x)));
  const Floats steps_y = hn::Mul(lane, hn::Set(d, static_cast<float>(line.step_y)));
  const Ints stride = hn::Set(di, static_cast<std::int32_t>(group.stride_bytes));
  const Ints step = hn::Set(di, group.step_bytes);
  for (int i = 0; i < line.count; i += lanes) {
    const Between x = between(line.x + i * line.step_x, steps_x, group.size.width);
    const Between y = between(line.y + i * line.step_y, steps_y, group.size.height);
    const Ints row_offset = hn::Mul(y.index, stride);
    const Ints offset = hn::Mul(x.index, step);
    const WordReader left(row_offset, offset, group.row_bytes());
    const WordReader right =
        Taps::kTwoWords ? WordReader(row_offset, hn::Add(offset, step), group.row_bytes()) : left;
    Floats upper[3];
    Floats lower[3];
    taps.row(left, right, x.fraction, 0, upper);
    taps.row(left, right, x.fraction, group.stride_bytes, lower);
    for (std::size_t c = 0; c < static_cast<std::size_t>(group.count); ++c)
      hn::StoreU(lerp(upper[c], lower[c], y.fraction), d, out[group.component[c]] + i);
  }
}

void GatherLine(const ComponentGroup& group, const SampleLine& line,
                const std::array<float*, 3>& out) {
  const Words mask = hn::Set(WordTag(), group.significant_bits);
  if (!group.interleaved()) {
    if (group.bytes_per_sample == 1) {
      gather_with(SeparatePlanes<8>{group, mask}, line, out);
    } else {
      gather_with(SeparatePlanes<16>{group, mask}, line, out);
    }
  } else if (group.bytes_per_sample == 2) {
    gather_with(Interleaved<0, 16, 2>{group, mask}, line, out);
  } else if (group.count == 2) {
    gather_with(BytePairs{group, mask}, line, out);
  } else if (group.offset_bytes[0] == 0) {
    gather_with(Interleaved<0, 8, 3>{group, mask}, line, out);
  } else {
    gather_with(Interleaved<8, 8, 3>{group, mask}, line, out);
  }
}

}  // namespace
}  // namespace retinue::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace retinue {

HWY_EXPORT(GatherLine);

bool can_gather(const ComponentGroup& group) {
  constexpr std::int64_t kMaxOffset = std::numeric_limits<std::int32_t>::max();
  const std::int64_t reach = std::abs(std::int64_t{group.stride_bytes}) * group.size.height;
  return group.size.width >= 2 && group.size.height >= 2 && group.row_bytes() >= 4 &&
         reach + group.row_bytes() <= kMaxOffset;
}

void gather_line(const ComponentGroup& group, const SampleLine& line,
                 const std::array<float*, 3>& out) {
  HWY_DYNAMIC_DISPATCH(GatherLine)(group, line, out);
}

}  // namespace retinue
#endif
