/// A low-pass for one number that is still when the number is still and quick when it moves.
#pragma once

#include <optional>

#include "base/clock.hpp"

namespace retinue {

struct OneEuroSettings {
  double min_cutoff_hz = 1;         ///< Cutoff at rest: lower is stiller.
  double beta = 0;                  ///< Hz of cutoff for each unit/s of speed: higher lags less.
  double derivative_cutoff_hz = 1;  ///< Of the low-pass on the speed.
};

/// One-Euro filter: a low-pass whose cutoff rises with speed.
/// Casiez, Roussel, Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
/// Interactive Systems", CHI 2012. Deviations: the first sample passes through, and the rate is
/// that of the samples' own times, so dropped frames and variable rates are right.
///
/// Thread-bound.
class OneEuroFilter {
 public:
  /// `time` must be later than that of the last call; a sample that is not passes through and
  /// starts anew, as does the sample after one that is not finite.
  double operator()(double value, MediaTime time, const OneEuroSettings& settings);

  /// The same, with the speed measured in units of `scale` (the face's size, say): one setting
  /// serves all sizes. `scale` must be positive.
  double operator()(double value, MediaTime time, const OneEuroSettings& settings, double scale);

  void reset() { previous_.reset(); }

 private:
  struct Sample {
    double raw;
    double smoothed;
    double speed;
    MediaTime time;
  };
  std::optional<Sample> previous_;
};

}  // namespace retinue
