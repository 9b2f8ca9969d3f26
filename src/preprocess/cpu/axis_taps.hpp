/// Weights with which the samples along one axis of a grid make the means over windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace retinue {

/// Windows of one width at equally spaced places: window i is centred on first + i * step, in
/// samples (whose centres are at +0.5).
struct AxisWindows {
  double first = 0;
  double step = 1;
  double width = 1;  ///< At least 1.
  int count = 1;

  friend bool operator==(const AxisWindows&, const AxisWindows&) = default;
};

/// Window i is the sum over t of weight(i, t) * sample[first(i) + t]. Every sample named exists:
/// places beyond the ends see the first or last sample.
class AxisTaps {
 public:
  static constexpr int kLargestRunStep = 4;
  /// Rows of `firsts` and `weights` are readable this far beyond `count`, for vector loads.
  static constexpr std::size_t kPadding = 64;

  /// Cheap when it was called last with the same arguments.
  void assign(const AxisWindows& windows, int extent);

  int count() const { return windows_.count; }
  int taps() const { return taps_; }
  int first(int i) const { return firsts_[static_cast<std::size_t>(i)]; }
  float weight(int i, int tap) const { return weights(tap)[i]; }
  /// The first sample of each window, in ascending or descending order.
  const std::int32_t* firsts() const { return firsts_.data(); }
  /// Weights of tap `tap` of all windows. `kLargestRunStep` - 1 taps behind the last have weights
  /// too: zeros.
  const float* weights(int tap) const {
    return weights_.data() + static_cast<std::size_t>(tap) * row_size();
  }
  /// Windows in this range start `run_step()` samples, 1 to `kLargestRunStep`, after their
  /// predecessors: the longest such run.
  int run_step() const { return run_step_; }
  int run_begin() const { return run_begin_; }
  int run_end() const { return run_end_; }
  /// Windows in this range lie side by side, and each is the plain mean of taps() whole samples:
  /// the longest such run. May be empty.
  int means_begin() const { return means_begin_; }
  int means_end() const { return means_end_; }
  /// Windows in this part of the run have the same weights, up to rounding: the longest such part.
  int alike_begin() const { return alike_begin_; }
  int alike_end() const { return alike_end_; }
  /// Samples in use are begin() <= i < end().
  int begin() const;
  int end() const;

 private:
  void find_longest_run();
  void find_means();
  void find_alike();
  bool are_alike(int i, int j) const;
  bool is_mean(int i) const;
  std::size_t row_size() const { return static_cast<std::size_t>(windows_.count) + kPadding; }

  AxisWindows windows_;
  int extent_ = 0;
  int taps_ = 0;
  int run_step_ = 1;
  int run_begin_ = 0;
  int run_end_ = 0;
  int means_begin_ = 0;
  int means_end_ = 0;
  int alike_begin_ = 0;
  int alike_end_ = 0;
  std::vector<std::int32_t> firsts_;
  std::vector<float> weights_;
};

}  // namespace retinue
