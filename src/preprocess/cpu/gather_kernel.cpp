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

/// Pixels for which places are computed from one origin, the middle one: near enough to it for
/// floats, and enough for most regions' rows to be one block.
constexpr int kBlock = 256;

/// A place along one axis, as the whole number below it and the rest.
struct Origin {
  explicit Origin(double place) {
    constexpr double kFarOutside = 1 << 22;  // Floats hold whole numbers up to here times four.
    const double held = std::clamp(place, -kFarOutside, kFarOutside);
    whole = std::floor(held);
    rest = held - whole;
  }

  double whole;
  double rest;
};

/// A float of a whole number of less than `kBiasedLimit` has that number, and the bits of the bias,
/// as its bits when the bias is added. hn::ConvertTo takes several instructions more, because it
/// answers for overflow.
constexpr float kBias = 1.5F * (1 << 23);
constexpr std::int32_t kBiasBits = 0x4B400000;
constexpr double kBiasedLimit = 1 << 22;

HWY_INLINE Ints without_bias(Floats biased) {
  return hn::Sub(hn::BitCast(IntTag(), biased), hn::Set(IntTag(), kBiasBits));
}

/// The lower of the two samples between which each lane lies, a whole number from the origin, and
/// how far the lane is from it to the higher one.
struct Between {
  Floats lower;
  Floats fraction;
};

HWY_INLINE Between between(Floats lanes) {
  const Floats lower = hn::Floor(lanes);
  return {lower, hn::Sub(lanes, lower)};
}

/// Holds lanes within the samples 0 to count - 1.
HWY_INLINE Between between_held(Floats lanes, const Origin& origin, int count) {
  const FloatTag d;
  const Floats first = hn::Set(d, static_cast<float>(-origin.whole));
  const Floats last = hn::Set(d, static_cast<float>(count - 1 - origin.whole));
  const Floats last_pair = hn::Set(d, static_cast<float>(count - 2 - origin.whole));
  const Floats held = hn::Min(hn::Max(lanes, first), last);
  const Floats lower = hn::Min(hn::Floor(held), last_pair);
  return {lower, hn::Sub(held, lower)};
}

HWY_INLINE Ints index_of(const Between& place, const Origin& origin) {
  return hn::Add(hn::ConvertTo(IntTag(), place.lower),
                 hn::Set(IntTag(), static_cast<std::int32_t>(origin.whole)));
}

/// Reads 32-bit words, each starting with a sample.
struct WordReader {
  Ints offset;

  HWY_INLINE Words read(const std::byte* from) const {
    const auto* base = reinterpret_cast<const std::int32_t*>(from);
    return hn::BitCast(WordTag(), hn::GatherOffset(IntTag(), base, offset));
  }
};

/// The same next to the end of rows: words that would run over it are read earlier and shifted.
struct EdgeWordReader {
  HWY_INLINE EdgeWordReader(Ints row_offset, Ints offset_in_row, int row_bytes) {
    const Ints held = hn::Min(offset_in_row, hn::Set(IntTag(), row_bytes - 4));
    words.offset = hn::Add(row_offset, held);
    excess_bits = hn::BitCast(WordTag(), hn::ShiftLeft<3>(hn::Sub(offset_in_row, held)));
  }

  HWY_INLINE Words read(const std::byte* from) const { return words.read(from) >> excess_bits; }

  WordReader words;
  Words excess_bits;
};

template <int kBits>
HWY_INLINE Floats low_bits(Words words, Words mask) {
  const Words bits = kBits == 0 ? words : hn::ShiftRight<kBits>(words);
  return hn::ConvertTo(FloatTag(), hn::BitCast(IntTag(), hn::And(bits, mask)));
}

HWY_INLINE Floats lerp(Floats a, Floats b, Floats fraction) {
  return hn::MulAdd(fraction, hn::Sub(b, a), a);
}

/// Linear interpolation of bytes without turning each into a float: of two 16-bit numbers in a
/// word, the sum of their products with two weights in units of 1/32767, then along the other axis.
/// Less than 0.004 off, for bytes.
class PairLerp {
 public:
  HWY_INLINE PairLerp(Floats fraction_x, Floats fraction_y) {
    const FloatTag d;
    const Ints right = without_bias(hn::MulAdd(fraction_x, hn::Set(d, kOne), hn::Set(d, kBias)));
    const Ints left = hn::Sub(hn::Set(IntTag(), static_cast<std::int32_t>(kOne)), right);
    pair_weights_ = hn::Or(hn::ShiftLeft<16>(right), left);
    lower_weight_ = hn::Mul(fraction_y, hn::Set(d, 1 / kOne));
    upper_weight_ = hn::Sub(hn::Set(d, 1 / kOne), lower_weight_);
  }

  /// Each word has the left sample in its low half and the right one in its high half.
  HWY_INLINE Floats operator()(Words upper, Words lower) const {
    return hn::MulAdd(along_row(lower), lower_weight_, hn::Mul(along_row(upper), upper_weight_));
  }

 private:
  static constexpr float kOne = 32767;

  HWY_INLINE Floats along_row(Words pairs) const {
    const Ints samples = hn::BitCast(IntTag(), pairs);
#if HWY_TARGET == HWY_SCALAR
    const Ints low = hn::Set(IntTag(), 0xffff);
    const Ints sum =
        hn::Add(hn::Mul(hn::And(samples, low), hn::And(pair_weights_, low)),
                hn::Mul(hn::ShiftRight<16>(samples), hn::ShiftRight<16>(pair_weights_)));
#else
    const hn::RepartitionToNarrow<IntTag> d16;
    Ints rest = hn::Zero(IntTag());
    const Ints part =
        hn::ReorderWidenMulAccumulate(IntTag(), hn::BitCast(d16, samples),
                                      hn::BitCast(d16, pair_weights_), hn::Zero(IntTag()), rest);
    const Ints sum = hn::RearrangeToOddPlusEven(part, rest);
#endif
    return hn::ConvertTo(FloatTag(), sum);
  }

  Ints pair_weights_;
  Floats upper_weight_;
  Floats lower_weight_;
};

HWY_INLINE Words even_bytes(Words words) {
  return hn::And(words, hn::Set(WordTag(), 0x00ff00ffU));
}
HWY_INLINE Words odd_bytes(Words words) {
#if HWY_TARGET == HWY_SCALAR
  return even_bytes(hn::ShiftRight<8>(words));
#else
  const hn::RepartitionToNarrow<WordTag> d16;
  return hn::BitCast(WordTag(), hn::ShiftRight<8>(hn::BitCast(d16, words)));
#endif
}

/// How the taps of one vector of pixels are read, in the upper row as in the lower one.
template <typename Reader>
struct Reading {
  Reader left;
  Reader right;  ///< For layouts that take two words.
  Floats fraction;
  Words mask;
};

/// Layouts whose rows are read one at a time.
template <typename Taps>
struct RowByRow {
  template <typename Reader, std::size_t kCount>
  HWY_INLINE static void taps(const ComponentGroup& group, std::ptrdiff_t offset,
                              const Reading<Reader>& read, Floats fraction_y,
                              std::array<Floats, kCount>& values) {
    std::array<Floats, kCount> lower;
    Taps::row(group, offset, read, values);
    Taps::row(group, offset + group.stride_bytes, read, lower);
    for (std::size_t c = 0; c < kCount; ++c)
      values[c] = lerp(values[c], lower[c], fraction_y);
  }
};

/// `kCount` components, each in a plane of its own: one word holds a sample and its right
/// neighbour.
template <int kBytes, std::size_t kCount>
struct SeparatePlanes : RowByRow<SeparatePlanes<kBytes, kCount>> {
  static constexpr std::size_t kComponents = kCount;
  static constexpr int kStep = kBytes;
  static constexpr bool kTwoWords = false;

  template <typename Reader>
  HWY_INLINE static void row(const ComponentGroup& group, std::ptrdiff_t offset,
                             const Reading<Reader>& read, std::array<Floats, kCount>& values) {
    for (std::size_t c = 0; c < kCount; ++c) {
      const Words words = read.left.read(group.plane[c] + offset);
      values[c] = lerp(low_bits<0>(words, read.mask), low_bits<8 * kBytes>(words, read.mask),
                       read.fraction);
    }
  }
};

/// One component of one byte, with the sample below each sample beside it: one word holds all four
/// taps.
struct RowPairs {
  static constexpr std::size_t kComponents = 1;
  static constexpr int kStep = 2;
  static constexpr bool kTwoWords = false;

  template <typename Reader>
  HWY_INLINE static void taps(const ComponentGroup& group, std::ptrdiff_t offset,
                              const Reading<Reader>& read, Floats fraction_y,
                              std::array<Floats, 1>& values) {
    const Words words = read.left.read(group.plane[0] + offset);
    const PairLerp lerp_at(read.fraction, fraction_y);
    values[0] = lerp_at(even_bytes(words), odd_bytes(words));
  }
};

/// Two components of one byte, side by side: one word holds both samples of both.
struct BytePairs {
  static constexpr std::size_t kComponents = 2;
  static constexpr int kStep = 2;
  static constexpr bool kTwoWords = false;

  template <typename Reader>
  HWY_INLINE static void taps(const ComponentGroup& group, std::ptrdiff_t offset,
                              const Reading<Reader>& read, Floats fraction_y,
                              std::array<Floats, 2>& values) {
    const Words upper = read.left.read(group.plane[0] + offset);
    const Words lower = read.left.read(group.plane[0] + offset + group.stride_bytes);
    const PairLerp lerp_at(read.fraction, fraction_y);
    values[0] = lerp_at(even_bytes(upper), even_bytes(lower));
    values[1] = lerp_at(odd_bytes(upper), odd_bytes(lower));
  }
};

/// Components side by side: one word holds a sample of each, another their right neighbours.
template <int kStepBytes, int kFirstBit, int kBits, std::size_t kCount>
struct Interleaved : RowByRow<Interleaved<kStepBytes, kFirstBit, kBits, kCount>> {
  static constexpr std::size_t kComponents = kCount;
  static constexpr int kStep = kStepBytes;
  static constexpr bool kTwoWords = true;

  template <typename Reader>
  HWY_INLINE static void row(const ComponentGroup& group, std::ptrdiff_t offset,
                             const Reading<Reader>& read, std::array<Floats, kCount>& values) {
    constexpr int kSecondBit = kFirstBit + kBits;
    constexpr int kThirdBit = kSecondBit + kBits;
    const Words a = read.left.read(group.plane[0] + offset);
    const Words b = read.right.read(group.plane[0] + offset);
    values[0] =
        lerp(low_bits<kFirstBit>(a, read.mask), low_bits<kFirstBit>(b, read.mask), read.fraction);
    values[1] =
        lerp(low_bits<kSecondBit>(a, read.mask), low_bits<kSecondBit>(b, read.mask), read.fraction);
    if constexpr (kCount == 3)
      values[2] =
          lerp(low_bits<kThirdBit>(a, read.mask), low_bits<kThirdBit>(b, read.mask), read.fraction);
  }
};

template <int kStep>
HWY_INLINE Ints times_step(Ints index) {
  if constexpr (kStep == 1) return index;
  if constexpr (kStep == 2) return hn::Add(index, index);
  if constexpr (kStep == 3) return hn::Add(index, hn::Add(index, index));
  if constexpr (kStep == 4) return hn::ShiftLeft<2>(index);
}

/// One vector of pixels, from pixel `i` on.
template <typename Taps, typename Reader>
HWY_INLINE void blend(const ComponentGroup& group, std::ptrdiff_t offset,
                      const Reading<Reader>& read, Floats fraction_y, int i,
                      const std::array<float*, 3>& out) {
  std::array<Floats, Taps::kComponents> values;
  Taps::taps(group, offset, read, fraction_y, values);
  for (std::size_t c = 0; c < Taps::kComponents; ++c)
    hn::StoreU(values[c], FloatTag(), out[group.component[c]] + i);
}

/// The pixels of a line from `first` on, up to a block of them.
struct Block {
  const ComponentGroup& group;
  const SampleLine& line;
  int first;
  int last;

  int middle() const { return first + (last - first) / 2; }
  double x(int i) const { return line.x + i * line.step_x; }
  double y(int i) const { return line.y + i * line.step_y; }
};

/// Where the pixels of a block lie along one axis of the samples.
class Axis {
 public:
  HWY_INLINE Axis(const Origin& origin, double step)
      : first_(hn::Set(FloatTag(), static_cast<float>(origin.rest))),
        step_(hn::Set(FloatTag(), static_cast<float>(step))) {}

  /// From the origin's whole number on. `pixels` are counted from the one at the origin.
  HWY_INLINE Floats at(Floats pixels) const { return hn::MulAdd(pixels, step_, first_); }

 private:
  Floats first_;
  Floats step_;
};

/// Whether every word of every lane can be read without looking, and places and offsets are exact
/// enough as floats: the lines are straight, so that both ends tell.
template <typename Taps>
bool is_inside(const Block& block, int lanes) {
  constexpr double kRounding = 1e-3;
  constexpr double kFarthest = 4096;  // Where floats are half of `kRounding` off.
  constexpr int kReach = Taps::kTwoWords ? Taps::kStep + 4 : 4;
  const ComponentGroup& group = block.group;
  // In whole vectors, whose lanes are a power of two.
  const int past_end = block.first + ((block.last - block.first + lanes - 1) & -lanes) - 1;
  const int last_index = std::min(group.size.width - 2, (group.row_bytes() - kReach) / Taps::kStep);
  const auto [low_x, high_x] = std::minmax({block.x(block.first), block.x(past_end)});
  const auto [low_y, high_y] = std::minmax({block.y(block.first), block.y(past_end)});
  const double reach = (high_y - low_y + 1) * static_cast<double>(std::abs(group.stride_bytes)) +
                       (high_x - low_x + 1) * Taps::kStep;
  const bool is_exact =
      std::max(high_x - low_x, high_y - low_y) < kFarthest && reach < kBiasedLimit;
  return is_exact && low_x >= kRounding && high_x <= last_index + 1 - kRounding &&
         low_y >= kRounding && high_y <= group.size.height - 1 - kRounding;
}

template <typename Taps>
void gather_inside(const Block& block, int lanes, const std::array<float*, 3>& out) {
  const ComponentGroup& group = block.group;
  const Origin x(block.x(block.middle()));
  const Origin y(block.y(block.middle()));
  const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(y.whole) * group.stride_bytes +
                                static_cast<std::ptrdiff_t>(x.whole) * Taps::kStep;
  const FloatTag d;
  const Floats stride = hn::Set(d, static_cast<float>(group.stride_bytes));
  const Floats step = hn::Set(d, static_cast<float>(Taps::kStep));
  const Words mask = hn::Set(WordTag(), group.significant_bits);
  const Axis axis_x(x, block.line.step_x);
  const Axis axis_y(y, block.line.step_y);
  Floats pixels = hn::ConvertTo(d, hn::Iota(IntTag(), block.first - block.middle()));
  for (int i = block.first; i < block.last; i += lanes) {
    const Between at_x = between(axis_x.at(pixels));
    const Between at_y = between(axis_y.at(pixels));
    pixels = hn::Add(pixels, hn::Set(d, static_cast<float>(lanes)));
    const Floats biased =
        hn::MulAdd(at_y.lower, stride, hn::MulAdd(at_x.lower, step, hn::Set(d, kBias)));
    const WordReader left{without_bias(biased)};
    const WordReader right{hn::Add(left.offset, hn::Set(IntTag(), Taps::kStep))};
    const Reading<WordReader> read{left, right, at_x.fraction, mask};
    blend<Taps>(group, offset, read, at_y.fraction, i, out);
  }
}

template <typename Taps>
void gather_at_edge(const Block& block, int lanes, const std::array<float*, 3>& out) {
  const ComponentGroup& group = block.group;
  const Origin x(block.x(block.middle()));
  const Origin y(block.y(block.middle()));
  const Ints stride = hn::Set(IntTag(), static_cast<std::int32_t>(group.stride_bytes));
  const Words mask = hn::Set(WordTag(), group.significant_bits);
  const FloatTag d;
  const Axis axis_x(x, block.line.step_x);
  const Axis axis_y(y, block.line.step_y);
  Floats pixels = hn::ConvertTo(d, hn::Iota(IntTag(), block.first - block.middle()));
  for (int i = block.first; i < block.last; i += lanes) {
    const Between at_x = between_held(axis_x.at(pixels), x, group.size.width);
    const Between at_y = between_held(axis_y.at(pixels), y, group.size.height);
    pixels = hn::Add(pixels, hn::Set(d, static_cast<float>(lanes)));
    const Ints index = times_step<Taps::kStep>(index_of(at_x, x));
    const Ints next = hn::Add(index, hn::Set(IntTag(), Taps::kStep));
    const Ints row_offset = hn::Mul(index_of(at_y, y), stride);
    const EdgeWordReader left(row_offset, index, group.row_bytes());
    const EdgeWordReader right(row_offset, Taps::kTwoWords ? next : index, group.row_bytes());
    const Reading<EdgeWordReader> read{left, right, at_x.fraction, mask};
    blend<Taps>(group, 0, read, at_y.fraction, i, out);
  }
}

template <typename Taps>
void gather_with(const ComponentGroup& group, const SampleLine& line,
                 const std::array<float*, 3>& out) {
  const auto lanes = static_cast<int>(hn::Lanes(FloatTag()));
  for (int first = 0; first < line.count; first += kBlock) {
    const Block block{group, line, first, std::min(first + kBlock, line.count)};
    if (is_inside<Taps>(block, lanes)) {
      gather_inside<Taps>(block, lanes, out);
    } else {
      gather_at_edge<Taps>(block, lanes, out);
    }
  }
}

template <int kBytes>
void gather_planes(const ComponentGroup& group, const SampleLine& line,
                   const std::array<float*, 3>& out) {
  if (group.count == 1) return gather_with<SeparatePlanes<kBytes, 1>>(group, line, out);
  if (group.count == 2) return gather_with<SeparatePlanes<kBytes, 2>>(group, line, out);
  gather_with<SeparatePlanes<kBytes, 3>>(group, line, out);
}

void vector_gather_line(const ComponentGroup& group, const SampleLine& line,
                        const std::array<float*, 3>& out) {
  if (group.rows_in_pairs) return gather_with<RowPairs>(group, line, out);
  if (!group.interleaved()) {
    if (group.bytes_per_sample == 1) return gather_planes<1>(group, line, out);
    return gather_planes<2>(group, line, out);
  }
  if (group.bytes_per_sample == 2) return gather_with<Interleaved<4, 0, 16, 2>>(group, line, out);
  if (group.count == 2) return gather_with<BytePairs>(group, line, out);
  if (group.step_bytes == 3) return gather_with<Interleaved<3, 0, 8, 3>>(group, line, out);
  if (group.offset_bytes[0] == 0) return gather_with<Interleaved<4, 0, 8, 3>>(group, line, out);
  gather_with<Interleaved<4, 8, 8, 3>>(group, line, out);
}

}  // namespace
}  // namespace retinue::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace retinue {

HWY_EXPORT(vector_gather_line);

bool can_gather(const ComponentGroup& group) {
  constexpr std::int64_t kMaxOffset = std::numeric_limits<std::int32_t>::max();
  const std::int64_t reach = std::abs(std::int64_t{group.stride_bytes}) * group.size.height;
  return group.size.width >= 2 && group.size.height >= 2 && group.row_bytes() >= 4 &&
         reach + group.row_bytes() <= kMaxOffset;
}

void gather_line(const ComponentGroup& group, const SampleLine& line,
                 const std::array<float*, 3>& out) {
  HWY_DYNAMIC_DISPATCH(vector_gather_line)(group, line, out);
}

}  // namespace retinue
#endif
