#include "frame/packet.hpp"

#include <limits>

namespace retinue {

std::optional<MediaTime> StreamDescription::time_after_start(std::int64_t ticks) const {
  __extension__ using Wide = __int128;
  constexpr Wide kNanosecondsPerSecond = 1'000'000'000;
  if (time_base_numerator <= 0 || time_base_denominator <= 0) return std::nullopt;
  // A tick count and a numerator of 63 bits each leave no room for the nanoseconds.
  if (time_base_numerator > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  const Wide scaled = Wide{ticks} * time_base_numerator * kNanosecondsPerSecond;
  const Wide half = time_base_denominator / 2;
  const Wide nanoseconds = (scaled >= 0 ? scaled + half : scaled - half) / time_base_denominator;
  // 36 years: sums and differences of a few such times stay representable.
  constexpr Wide kFarthest = Wide{1} << 60;
  if (nanoseconds > kFarthest || nanoseconds < -kFarthest) return std::nullopt;
  return MediaTime{std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds))};
}

}  // namespace retinue
