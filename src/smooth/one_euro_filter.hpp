/// Low-passes for numbers: still when a number is still and quick when it moves.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

#include "base/clock.hpp"

namespace retinue {

struct OneEuroSettings {
  double min_cutoff_hz = 1;         ///< Cutoff at rest: lower is stiller.
  double beta = 0;                  ///< Hz of cutoff for each unit/s of speed: higher lags less.
  double derivative_cutoff_hz = 1;  ///< Of the low-pass on the speed.
};

/// What a One-Euro filter knows of its number.
struct OneEuroState {
  double raw;
  double smoothed;
  double speed;  ///< Units/s, smoothed.

  static OneEuroState at_rest(double value) { return {value, value, 0}; }
  /// A number that is not finite would stay in the filter for good.
  bool can_go_on() const { return std::isfinite(smoothed); }
};

/// One step of One-Euro filters, low-passes whose cutoff rises with speed: the same for all numbers
/// that are measured together.
/// Casiez, Roussel, Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
/// Interactive Systems", CHI 2012. Deviations: the first sample passes through, and the rate is
/// that of the samples' own times, so dropped frames and variable rates are right.
class OneEuroStep {
 public:
  /// Of samples that lie `interval_s` apart, with speeds in units of `scale` a second. Both are
  /// positive.
  OneEuroStep(const OneEuroSettings& settings, double interval_s, double scale);

  OneEuroState operator()(const OneEuroState& previous, double value) const {
    // Between raw samples, as in the authors' code: the smoothed value would hide the start of a
    // movement.
    const double raw_speed = (value - previous.raw) * speed_per_difference_;
    const double speed = between(previous.speed, raw_speed, weight_of_speed_);
    const double radians = radians_at_rest_ + radians_per_speed_ * std::abs(speed);
    return {value, between(previous.smoothed, value, weight_of_new(radians)), speed};
  }

 private:
  /// Weight of the new sample in a first-order low-pass (the paper's alpha), from how far an
  /// oscillation at the cutoff comes from sample to sample.
  static double weight_of_new(double radians) { return radians / (radians + 1); }

  /// std::lerp is exact at both ends and monotonic, at the price of branches. Neither is needed
  /// here.
  static double between(double a, double b, double weight_of_b) {
    return a + weight_of_b * (b - a);
  }

  double speed_per_difference_;
  double weight_of_speed_;
  double radians_at_rest_;
  double radians_per_speed_;
};

/// One-Euro filters for numbers that are measured together.
///
/// Thread-bound.
template <std::size_t kCount>
class OneEuroFilters {
 public:
  /// The numbers that follow are of `time`. Where that is not later than the time before, they pass
  /// through and start anew. Speeds are in units of `scale` (the face's size, say), which must be
  /// positive: one setting serves all sizes.
  void begin(MediaTime time, const OneEuroSettings& settings, double scale = 1) {
    step_.reset();
    if (time_ && time > *time_) step_.emplace(settings, seconds_between(*time_, time), scale);
    time_ = time;
  }

  /// Number `i`, less than kCount, of that time. Each number is given at every time, or at none.
  /// After a value that is not finite, the number's next one passes through.
  double operator()(std::size_t i, double value) {
    OneEuroState& state = states_[i];
    state = step_ && state.can_go_on() ? (*step_)(state, value) : OneEuroState::at_rest(value);
    return state.smoothed;
  }

  void smooth(std::size_t i, float& value) {
    value = static_cast<float>((*this)(i, static_cast<double>(value)));
  }

  void reset() { time_.reset(); }

 private:
  std::array<OneEuroState, kCount> states_{};
  std::optional<MediaTime> time_;  ///< Of the states.
  std::optional<OneEuroStep> step_;
};

/// The same for one number, with times and scales as those of OneEuroFilters::begin.
///
/// Thread-bound.
class OneEuroFilter {
 public:
  double operator()(double value, MediaTime time, const OneEuroSettings& settings,
                    double scale = 1) {
    filter_.begin(time, settings, scale);
    return filter_(0, value);
  }

  void reset() { filter_.reset(); }

 private:
  OneEuroFilters<1> filter_;
};

}  // namespace retinue
