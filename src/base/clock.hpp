/// The clocks of a frame. Latency is measured from ArrivalTime only; filters and tracks work with
/// MediaTime.
#pragma once

#include <chrono>
#include <compare>

namespace retinue {

/// When the bytes reached us: monotonic, nanoseconds, comparable between processes of one host.
using ArrivalTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

inline ArrivalTime arrival_now() {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now());
}

/// Presentation time, counted from the start of its source.
struct MediaTime {
  std::chrono::nanoseconds since_start{0};

  double seconds() const { return std::chrono::duration<double>(since_start).count(); }
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 in it for a pointer
  auto operator<=>(const MediaTime&) const = default;
};

inline double seconds_between(MediaTime from, MediaTime to) {
  return std::chrono::duration<double>(to.since_start - from.since_start).count();
}

/// Which clock a capture time was read from.
enum class CaptureClock { rtcp, driver, arrival };

/// Wall-clock time at which the camera took the picture, as well as `clock` knows it.
struct CaptureTime {
  std::chrono::sys_time<std::chrono::nanoseconds> utc;
  CaptureClock clock = CaptureClock::arrival;
};

}  // namespace retinue
