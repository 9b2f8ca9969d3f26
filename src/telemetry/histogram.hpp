/// Percentiles of durations without keeping them.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace retinue {

/// Buckets of equal relative width: every answer is within 3 % of the true duration, from 1 µs up
/// to about 18 minutes; what lies outside is counted in the first or last bucket. Thread-safe.
class DurationHistogram {
 public:
  void add(std::chrono::nanoseconds duration);

  std::int64_t count() const;
  /// The duration that a share `quantile` in [0, 1] of the samples does not exceed, in
  /// milliseconds; 0 when there are none.
  double quantile_ms(double quantile) const;

 private:
  // 16 steps for each doubling, 30 doublings from 1 µs.
  static constexpr std::size_t kStepsPerDoubling = 16;
  static constexpr std::size_t kDoublings = 30;
  std::array<std::atomic<std::int64_t>, kStepsPerDoubling * kDoublings> buckets_{};
};

}  // namespace retinue
