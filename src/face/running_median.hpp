/// The median of all numbers so far, in memory that does not grow.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace retinue {

/// A histogram of `Bins` equal bins over [0, 1]; what is outside counts as the end that it is
/// beyond. The median is exact to the width of a bin, 1 / Bins: it is interpolated inside the bin
/// where half of the numbers lie below. The way of OpenFace's running median (Baltrušaitis,
/// Mahmoud, Robinson, "Cross-dataset learning and person-specific normalisation for automatic
/// Action Unit detection", FG 2015), which is not interpolated.
///
/// Thread-bound. Allocates nothing.
template <std::size_t Bins>
class RunningMedian {
 public:
  void add(float value) {
    const float scaled = std::clamp(value, 0.0F, 1.0F) * static_cast<float>(Bins);
    ++counts_[std::min(static_cast<std::size_t>(scaled), Bins - 1)];
    ++count_;
  }

  std::uint64_t count() const { return count_; }

  /// Needs count() > 0. In [0, 1].
  float median() const {
    const double half = static_cast<double>(count_) / 2;
    double below = 0;
    std::size_t bin = 0;
    while (bin + 1 < Bins && below + static_cast<double>(counts_[bin]) < half) {
      below += static_cast<double>(counts_[bin]);
      ++bin;
    }
    const double inside = (half - below) / static_cast<double>(counts_[bin]);
    return static_cast<float>((static_cast<double>(bin) + inside) / static_cast<double>(Bins));
  }

  void reset() { *this = {}; }

 private:
  std::array<std::uint32_t, Bins> counts_{};
  std::uint64_t count_ = 0;
};

}  // namespace retinue
