#include "preprocess/cpu/pack_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "preprocess/cpu/pack_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace retinue::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t kMaxLanes = HWY_MAX_BYTES / sizeof(float);
using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::RebindToSigned<FloatTag>;
using Floats = hn::Vec<FloatTag>;

struct Pixels {
  Floats first;
  Floats second;
  Floats third;
};

HWY_INLINE Floats on_curve(const float* curve, Floats color) {
  const FloatTag d;
  const Floats place = hn::Mul(color, hn::Set(d, (kCurvePoints - 1) / 255.0F));
  const Floats point = hn::Min(hn::Floor(place), hn::Set(d, kCurvePoints - 2));
  const auto index = hn::ConvertTo(IntTag(), point);
  const Floats lower = hn::GatherIndex(d, curve, index);
  const Floats upper = hn::GatherIndex(d, curve + 1, index);
  return hn::MulAdd(hn::Sub(place, point), hn::Sub(upper, lower), lower);
}

/// A row's pixels, one vector of them from pixel `x` on: any.
class AnyPixels {
 public:
  /// Both are borrowed.
  AnyPixels(const PixelFinish& finish, const PixelRow& row) : finish_(finish), row_(row) {}

  HWY_INLINE Pixels at(std::size_t x) const {
    return {channel(x, 0), channel(x, 1), channel(x, 2)};
  }

 private:
  HWY_INLINE Floats channel(std::size_t x, std::size_t i) const {
    const FloatTag d;
    const auto& matrix = finish_.conversion.matrix[i];
    Floats color = hn::Set(d, finish_.conversion.offset[i]);
    for (std::size_t c = 0; c < 3; ++c)
      color = hn::MulAdd(hn::LoadU(d, row_.codes[c] + x), hn::Set(d, matrix[c]), color);
    color = hn::Min(hn::Max(color, hn::Zero(d)), hn::Set(d, 255.0F));
    if (finish_.curve != nullptr) color = on_curve(finish_.curve, color);
    if (row_.inside != nullptr) {
      const Floats border = hn::Set(d, finish_.border_value);
      color = hn::MulAdd(hn::LoadU(d, row_.inside + x), hn::Sub(color, border), border);
    }
    return hn::MulAdd(color, hn::Set(d, finish_.scale[i]), hn::Set(d, finish_.shift[i]));
  }

  const PixelFinish& finish_;
  const PixelRow& row_;
};

/// The same without a curve and without a border, as most are: colours are made and scaled in one,
/// with numbers that stay in registers. In memory, what is stored might change them for all that
/// the compiler knows.
class PlainPixels {
 public:
  PlainPixels(const PixelFinish& finish, const PixelRow& row)
      : codes_(row.codes),
        first_(channel(finish, 0)),
        second_(channel(finish, 1)),
        third_(channel(finish, 2)) {}

  HWY_INLINE Pixels at(std::size_t x) const {
    const FloatTag d;
    const Floats a = hn::LoadU(d, codes_[0] + x);
    const Floats b = hn::LoadU(d, codes_[1] + x);
    const Floats c = hn::LoadU(d, codes_[2] + x);
    return {value(first_, a, b, c), value(second_, a, b, c), value(third_, a, b, c)};
  }

 private:
  struct Channel {
    Floats of_a;
    Floats of_b;
    Floats of_c;
    Floats offset;
    Floats low;
    Floats high;
  };

  static Channel channel(const PixelFinish& finish, std::size_t i) {
    const FloatTag d;
    const auto& matrix = finish.conversion.matrix[i];
    const float scale = finish.scale[i];
    const float shift = finish.shift[i];
    const auto [low, high] = std::minmax({shift, 255.0F * scale + shift});
    return {hn::Set(d, matrix[0] * scale),
            hn::Set(d, matrix[1] * scale),
            hn::Set(d, matrix[2] * scale),
            hn::Set(d, finish.conversion.offset[i] * scale + shift),
            hn::Set(d, low),
            hn::Set(d, high)};
  }

  HWY_INLINE static Floats value(const Channel& channel, Floats a, Floats b, Floats c) {
    const Floats sum = hn::MulAdd(
        c, channel.of_c, hn::MulAdd(b, channel.of_b, hn::MulAdd(a, channel.of_a, channel.offset)));
    return hn::Min(hn::Max(sum, channel.low), channel.high);
  }

  std::array<const float*, 3> codes_;
  Channel first_;
  Channel second_;
  Channel third_;
};

HWY_INLINE auto to_bytes(Floats values) {
  const hn::Rebind<std::uint8_t, FloatTag> d;
  return hn::DemoteTo(d, hn::NearestInt(values));
}

/// Where a row's values go: three planes, or one run of interleaved pixels.
template <typename Value>
struct Destination {
  std::array<Value*, 3> planes{};
  Value* pixels = nullptr;
};

void store(const Pixels& p, Destination<float> to) {
  const FloatTag d;
  if (to.pixels != nullptr) {
    hn::StoreInterleaved3(p.first, p.second, p.third, d, to.pixels);
    return;
  }
  hn::StoreU(p.first, d, to.planes[0]);
  hn::StoreU(p.second, d, to.planes[1]);
  hn::StoreU(p.third, d, to.planes[2]);
}

void store(const Pixels& p, Destination<std::uint8_t> to) {
  const hn::Rebind<std::uint8_t, FloatTag> d;
  if (to.pixels != nullptr) {
    hn::StoreInterleaved3(to_bytes(p.first), to_bytes(p.second), to_bytes(p.third), d, to.pixels);
    return;
  }
  hn::StoreU(to_bytes(p.first), d, to.planes[0]);
  hn::StoreU(to_bytes(p.second), d, to.planes[1]);
  hn::StoreU(to_bytes(p.third), d, to.planes[2]);
}

template <typename PixelSource, typename Value>
void pack_planes(const PixelFinish& finish, const PixelSource& pixels,
                 std::array<Value*, 3> planes) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  std::size_t x = 0;
  for (; x + lanes <= finish.width; x += lanes)
    store(pixels.at(x), {{planes[0] + x, planes[1] + x, planes[2] + x}});
  if (x == finish.width) return;
  std::array<std::array<Value, kMaxLanes>, 3> rest{};
  store(pixels.at(x), {{rest[0].data(), rest[1].data(), rest[2].data()}});
  for (std::size_t c = 0; c < 3; ++c)
    std::memcpy(planes[c] + x, rest[c].data(), (finish.width - x) * sizeof(Value));
}

template <typename PixelSource, typename Value>
void pack_pixels(const PixelFinish& finish, const PixelSource& pixels, Value* to) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  std::size_t x = 0;
  for (; x + lanes <= finish.width; x += lanes)
    store(pixels.at(x), {.pixels = to + 3 * x});
  if (x == finish.width) return;
  std::array<Value, 3 * kMaxLanes> rest{};
  store(pixels.at(x), {.pixels = rest.data()});
  std::memcpy(to + 3 * x, rest.data(), 3 * (finish.width - x) * sizeof(Value));
}

template <typename PixelSource>
void pack_four_bytes(const PixelFinish& finish, const PixelSource& pixels, std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, FloatTag> d;
  const std::size_t lanes = hn::Lanes(FloatTag());
  std::array<std::uint8_t, 4 * kMaxLanes> block{};
  for (std::size_t x = 0; x < finish.width; x += lanes) {
    const Pixels p = pixels.at(x);
    hn::StoreInterleaved4(to_bytes(p.first), to_bytes(p.second), to_bytes(p.third), hn::Set(d, 255),
                          d, block.data());
    std::memcpy(to + 4 * x, block.data(), 4 * std::min(lanes, finish.width - x));
  }
}

void store_sum(const Pixels& p, float* to) {
  hn::StoreU(hn::Add(hn::Add(p.first, p.second), p.third), FloatTag(), to);
}

void store_sum(const Pixels& p, std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, FloatTag> d;
  hn::StoreU(to_bytes(hn::Add(hn::Add(p.first, p.second), p.third)), d, to);
}

template <typename PixelSource, typename Value>
void pack_sum(const PixelFinish& finish, const PixelSource& pixels, Value* line) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  std::size_t x = 0;
  for (; x + lanes <= finish.width; x += lanes)
    store_sum(pixels.at(x), line + x);
  if (x == finish.width) return;
  std::array<Value, kMaxLanes> rest{};
  store_sum(pixels.at(x), rest.data());
  std::memcpy(line + x, rest.data(), (finish.width - x) * sizeof(Value));
}

template <typename Value, typename PixelSource>
void pack_row_of(const PixelFinish& finish, const PixelSource& pixels, std::size_t y) {
  auto* out = static_cast<Value*>(finish.out);
  if (finish.summed) return pack_sum(finish, pixels, out + finish.width * y);
  if (finish.layout == TensorLayout::nhwc) {
    pack_pixels(finish, pixels, out + 3 * finish.width * y);
    return;
  }
  std::array<Value*, 3> planes{};
  for (std::size_t c = 0; c < 3; ++c)
    planes[c] = out + (c * finish.height + y) * finish.width;
  pack_planes(finish, pixels, planes);
}

template <typename PixelSource>
void pack_row_from(const PixelFinish& finish, const PixelSource& pixels, std::size_t y) {
  if (finish.four_bytes) {
    pack_four_bytes(finish, pixels, static_cast<std::uint8_t*>(finish.out) + 4 * finish.width * y);
  } else if (finish.type == ElementType::float32) {
    pack_row_of<float>(finish, pixels, y);
  } else {
    pack_row_of<std::uint8_t>(finish, pixels, y);
  }
}

void vector_pack_row(const PixelFinish& finish, const PixelRow& row, std::size_t y) {
  const bool is_plain = finish.curve == nullptr && row.inside == nullptr;
  if (is_plain) return pack_row_from(finish, PlainPixels(finish, row), y);
  pack_row_from(finish, AnyPixels(finish, row), y);
}

void vector_multiply_share_inside(const ShareLine& line, std::size_t count, float* inside) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  const Floats lane = hn::ConvertTo(d, hn::Iota(IntTag(), 0));
  const double half = line.width / 2;
  for (std::size_t i = 0; i < count; i += lanes) {
    // Of one window's width, so that windows far larger than the picture keep their digits.
    const double centre = line.first + static_cast<double>(i) * line.step;
    const Floats step = hn::Set(d, static_cast<float>(line.step / line.width));
    const Floats moved = hn::Mul(lane, step);
    const Floats after_start =
        hn::Add(hn::Set(d, static_cast<float>((centre + half) / line.width)), moved);
    const Floats before_end =
        hn::Sub(hn::Set(d, static_cast<float>((line.extent - centre + half) / line.width)), moved);
    const Floats whole = hn::Set(d, static_cast<float>(std::min(1.0, line.extent / line.width)));
    const Floats share = hn::Max(hn::Min(hn::Min(after_start, before_end), whole), hn::Zero(d));
    hn::StoreU(hn::Mul(hn::LoadU(d, inside + i), share), d, inside + i);
  }
}

}  // namespace
}  // namespace retinue::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace retinue {

namespace {

template <typename Value>
Value as_value(float value) {
  if constexpr (std::is_same_v<Value, float>) {
    return value;
  } else {
    return static_cast<Value>(std::clamp(std::nearbyint(value), 0.0F, 255.0F));
  }
}

template <typename Value>
void pack_border_row_of(const PixelFinish& finish, std::size_t y) {
  auto* out = static_cast<Value*>(finish.out);
  std::array<Value, 4> border{};
  float sum = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const float value = finish.border_value * finish.scale[c] + finish.shift[c];
    border[c] = as_value<Value>(value);
    sum += value;
  }
  if (finish.summed) {
    std::fill_n(out + y * finish.width, finish.width, as_value<Value>(sum));
    return;
  }
  if (finish.layout == TensorLayout::nchw) {
    for (std::size_t c = 0; c < 3; ++c)
      std::fill_n(out + (c * finish.height + y) * finish.width, finish.width, border[c]);
    return;
  }
  const std::size_t channels = finish.four_bytes ? 4 : 3;
  if (finish.four_bytes) border[3] = static_cast<Value>(255);
  for (std::size_t x = 0; x < finish.width; ++x)
    std::copy_n(border.data(), channels, out + (y * finish.width + x) * channels);
}

}  // namespace

void pack_border_row(const PixelFinish& finish, std::size_t y) {
  if (finish.type == ElementType::float32) {
    pack_border_row_of<float>(finish, y);
  } else {
    pack_border_row_of<std::uint8_t>(finish, y);
  }
}

HWY_EXPORT(vector_pack_row);
HWY_EXPORT(vector_multiply_share_inside);

void pack_row(const PixelFinish& finish, const PixelRow& row, std::size_t y) {
  HWY_DYNAMIC_DISPATCH(vector_pack_row)(finish, row, y);
}

void multiply_share_inside(const ShareLine& line, std::size_t count, float* inside) {
  HWY_DYNAMIC_DISPATCH(vector_multiply_share_inside)(line, count, inside);
}

}  // namespace retinue
#endif
