#include "telemetry/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace retinue {

void DurationHistogram::add(std::chrono::nanoseconds duration) {
  const double microseconds = std::max(static_cast<double>(duration.count()) * 1e-3, 1.0);
  const auto step = static_cast<std::size_t>(std::log2(microseconds) * kStepsPerDoubling);
  buckets_[std::min(step, buckets_.size() - 1)].fetch_add(1, std::memory_order_relaxed);
}

std::int64_t DurationHistogram::count() const {
  std::int64_t total = 0;
  for (const auto& bucket : buckets_)
    total += bucket.load(std::memory_order_relaxed);
  return total;
}

double DurationHistogram::quantile_ms(double quantile) const {
  const std::int64_t total = count();
  if (total == 0) return 0;
  const auto wanted = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(quantile * static_cast<double>(total))));
  std::int64_t seen = 0;
  std::size_t step = 0;
  for (; step < buckets_.size(); ++step) {
    seen += buckets_[step].load(std::memory_order_relaxed);
    if (seen >= wanted) break;
  }
  // The middle of the bucket.
  return std::exp2((static_cast<double>(step) + 0.5) / kStepsPerDoubling) * 1e-3;
}

}  // namespace retinue
