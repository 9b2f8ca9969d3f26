#include "smooth/one_euro_filter.hpp"

#include <numbers>

namespace retinue {

OneEuroStep::OneEuroStep(const OneEuroSettings& settings, double interval_s, double scale) {
  const double radians_per_hz = 2 * std::numbers::pi * interval_s;
  speed_per_difference_ = 1 / (interval_s * scale);
  weight_of_speed_ = weight_of_new(radians_per_hz * settings.derivative_cutoff_hz);
  radians_at_rest_ = radians_per_hz * settings.min_cutoff_hz;
  radians_per_speed_ = radians_per_hz * settings.beta;
}

}  // namespace retinue
