#include "preprocess/cpu/axis_taps.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

namespace {

/// Shares smaller than this are rounding noise of a window that ends where a sample does.
constexpr double kNoShare = 1e-6;

struct Range {
  double first = 0;
  double last = 0;
};

/// Indices of the samples under a window, within the picture.
Range covered(double centre, double width, int extent) {
  const double first = std::floor(centre - width / 2 + kNoShare);
  const double last = std::ceil(centre + width / 2 - kNoShare) - 1;
  return {std::clamp(first, 0.0, extent - 1.0), std::clamp(last, 0.0, extent - 1.0)};
}

/// Share of the window that lies on samples before `index`.
double share_before(double centre, double width, int index) {
  return std::clamp((index - centre) / width + 0.5, 0.0, 1.0);
}

}  // namespace

void AxisTaps::assign(const AxisWindows& windows, int extent) {
  if (windows == windows_ && extent == extent_) return;
  windows_ = windows;
  extent_ = extent;
  taps_ = 1;
  const auto place = [&windows](int i) { return windows.first + i * windows.step; };
  for (int i = 0; i < windows.count; ++i) {
    const Range range = covered(place(i), windows.width, extent);
    taps_ = std::max(taps_, static_cast<int>(range.last - range.first) + 1);
  }

  firsts_.assign(row_size(), 0);
  weights_.assign(row_size() * static_cast<std::size_t>(taps_ + kLargestRunStep - 1), 0);
  for (int i = 0; i < windows.count; ++i) {
    const Range range = covered(place(i), windows.width, extent);
    const int first = std::min(static_cast<int>(range.first), extent - taps_);
    firsts_[static_cast<std::size_t>(i)] = first;
    double before = 0;
    for (int tap = 0; tap < taps_; ++tap) {
      const int next = first + tap + 1;
      const double up_to_here = next == extent ? 1 : share_before(place(i), windows.width, next);
      weights_[static_cast<std::size_t>(tap) * row_size() + static_cast<std::size_t>(i)] =
          static_cast<float>(up_to_here - before);
      before = up_to_here;
    }
  }
  std::fill(firsts_.begin() + windows.count, firsts_.end(), first(windows.count - 1));
  find_longest_run();
  find_means();
  find_alike();
}

void AxisTaps::find_longest_run() {
  run_step_ = 1;
  run_begin_ = 0;
  run_end_ = 1;
  int begin = 0;
  int step = 0;
  for (int i = 1; i < count(); ++i) {
    const int step_here = first(i) - first(i - 1);
    if (step_here != step) begin = i - 1;
    step = step_here;
    if (step < 1 || step > kLargestRunStep) continue;
    if (i + 1 - begin > run_end_ - run_begin_) {
      run_step_ = step;
      run_begin_ = begin;
      run_end_ = i + 1;
    }
  }
}

void AxisTaps::find_means() {
  means_begin_ = 0;
  means_end_ = 0;
  int begin = 0;
  for (int i = 0; i < count(); ++i) {
    if (!is_mean(i)) {
      begin = i + 1;
      continue;
    }
    if (i > begin && first(i) != first(i - 1) + taps_) begin = i;
    if (i + 1 - begin > means_end_ - means_begin_) {
      means_begin_ = begin;
      means_end_ = i + 1;
    }
  }
}

bool AxisTaps::is_mean(int i) const {
  const float share = 1 / static_cast<float>(taps_);
  for (int tap = 0; tap < taps_; ++tap) {
    if (weight(i, tap) != share) return false;
  }
  return true;
}

void AxisTaps::find_alike() {
  alike_begin_ = run_begin_;
  alike_end_ = run_begin_;
  int begin = run_begin_;
  for (int i = run_begin_; i < run_end_; ++i) {
    if (!are_alike(i, begin)) begin = i;
    if (i + 1 - begin > alike_end_ - alike_begin_) {
      alike_begin_ = begin;
      alike_end_ = i + 1;
    }
  }
}

bool AxisTaps::are_alike(int i, int j) const {
  constexpr float kRounding = 1e-6F;
  for (int tap = 0; tap < taps_; ++tap) {
    if (std::abs(weight(i, tap) - weight(j, tap)) > kRounding) return false;
  }
  return true;
}

int AxisTaps::begin() const {
  return std::min(first(0), first(count() - 1));
}

int AxisTaps::end() const {
  return std::max(first(0), first(count() - 1)) + taps_;
}

}  // namespace retinue
