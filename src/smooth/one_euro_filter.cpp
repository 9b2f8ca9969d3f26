#include "smooth/one_euro_filter.hpp"

#include <cmath>
#include <numbers>

namespace retinue {

namespace {

/// Weight of the new sample in a first-order low-pass (the paper's alpha).
double new_sample_weight(double cutoff_hz, double interval_s) {
  const double r = 2 * std::numbers::pi * cutoff_hz * interval_s;
  return r / (r + 1);
}

/// std::lerp is exact at both ends and monotonic, at the price of branches. Neither is needed here.
double between(double a, double b, double weight_of_b) {
  return a + weight_of_b * (b - a);
}

}  // namespace

double OneEuroFilter::operator()(double value, MediaTime time, const OneEuroSettings& settings) {
  return (*this)(value, time, settings, 1);
}

double OneEuroFilter::operator()(double value, MediaTime time, const OneEuroSettings& settings,
                                 double scale) {
  // A number that is not finite would stay in the filter for good.
  if (!previous_ || time <= previous_->time || !std::isfinite(previous_->smoothed)) {
    previous_ = {value, value, 0, time};
    return value;
  }
  const double interval_s = seconds_between(previous_->time, time);
  // Between raw samples, as in the authors' code: the smoothed value would hide the start of a
  // movement.
  const double raw_speed = (value - previous_->raw) / interval_s / scale;
  const double speed = between(previous_->speed, raw_speed,
                               new_sample_weight(settings.derivative_cutoff_hz, interval_s));
  const double cutoff_hz = settings.min_cutoff_hz + settings.beta * std::abs(speed);
  const double smoothed =
      between(previous_->smoothed, value, new_sample_weight(cutoff_hz, interval_s));
  previous_ = {value, smoothed, speed, time};
  return smoothed;
}

}  // namespace retinue
