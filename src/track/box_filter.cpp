#include "track/box_filter.hpp"

#include <algorithm>

#include "geometry/space.hpp"

namespace retinue {

namespace {

// ByteTrack's standard deviations, in heights; those of its noises are for a frame of 1/30 s.
constexpr double kFramesPerSecond = 30;
constexpr double kPositionDeviation = 1.0 / 20;
constexpr double kAspectDeviation = 1e-2;
constexpr double kAspectRateDeviation = 1e-5 * kFramesPerSecond;
constexpr double kMeasuredAspectDeviation = 1e-1;

constexpr double square(double x) {
  return x * x;
}

/// Boxes of no extent are one pixel high to the filter, which divides by the height.
template <typename Space>
double height_of(const Box<Space>& box) {
  return std::max(1.0, static_cast<double>(box.height));
}

}  // namespace

void ConstantVelocityFilter::predict(double interval_s, double value_noise, double rate_noise) {
  value += rate * interval_s;
  value_variance += interval_s * (2 * covariance + interval_s * rate_variance) +
                    interval_s * value_noise +
                    interval_s * interval_s * interval_s / 3 * rate_noise;
  covariance += interval_s * rate_variance + interval_s * interval_s / 2 * rate_noise;
  rate_variance += interval_s * rate_noise;
}

void ConstantVelocityFilter::correct(double measured, double variance) {
  const double innovation = measured - value;
  const double total = value_variance + variance;
  const double value_gain = value_variance / total;
  const double rate_gain = covariance / total;
  value += value_gain * innovation;
  rate += rate_gain * innovation;
  rate_variance -= rate_gain * covariance;
  covariance -= value_gain * covariance;
  value_variance -= value_gain * value_variance;
}

void ConstantVelocityFilter::change_units(double scale, double offset) {
  value = scale * value + offset;
  rate *= scale;
  value_variance *= scale * scale;
  covariance *= scale * scale;
  rate_variance *= scale * scale;
}

template <typename Space>
BoxFilter<Space>::BoxFilter(const Box<Space>& first, const BoxFilterSettings& settings)
    : settings_(settings) {
  const double height = height_of(first);
  const auto begin = [](double value, double deviation, double rate_deviation) {
    return ConstantVelocityFilter{.value = value,
                                  .rate = 0,
                                  .value_variance = square(deviation),
                                  .covariance = 0,
                                  .rate_variance = square(rate_deviation)};
  };
  const double position = 2 * kPositionDeviation * height;
  const double velocity = 10 * settings_.speed_deviation * height;
  center_x_ = begin(static_cast<double>(first.center().x), position, velocity);
  center_y_ = begin(static_cast<double>(first.center().y), position, velocity);
  aspect_ =
      begin(static_cast<double>(first.width) / height, kAspectDeviation, kAspectRateDeviation);
  height_ = begin(height, position, velocity);
}

template <typename Space>
void BoxFilter<Space>::predict(double interval_s, bool hidden) {
  if (hidden) {
    aspect_.rate = 0;
    height_.rate = 0;
  }
  const double height = std::max(1.0, height_.value);
  const double position = square(kPositionDeviation * height) * kFramesPerSecond;
  const double velocity = square(settings_.speed_deviation * height) * kFramesPerSecond;
  center_x_.predict(interval_s, position, velocity);
  center_y_.predict(interval_s, position, velocity);
  aspect_.predict(interval_s, square(kAspectDeviation) * kFramesPerSecond,
                  square(kAspectRateDeviation) * kFramesPerSecond);
  height_.predict(interval_s, position, velocity);
  // A box that shrinks fast would turn inside out in a long gap.
  height_.value = std::max(height_.value, height / 2);
}

template <typename Space>
void BoxFilter<Space>::correct(const Box<Space>& measured) {
  const double height = height_of(measured);
  const double variance = square(kPositionDeviation * std::max(1.0, height_.value));
  center_x_.correct(static_cast<double>(measured.center().x), variance);
  center_y_.correct(static_cast<double>(measured.center().y), variance);
  aspect_.correct(static_cast<double>(measured.width) / height, square(kMeasuredAspectDeviation));
  height_.correct(height, variance);
}

template <typename Space>
void BoxFilter<Space>::move(const Affine<Space, Space>& motion) {
  center_x_.change_units(motion.xx, motion.x0);
  center_y_.change_units(motion.yy, motion.y0);
  height_.change_units(motion.yy, 0);
}

template <typename Space>
Box<Space> BoxFilter<Space>::box() const {
  const double width = std::max(0.0, aspect_.value) * height_.value;
  return {static_cast<float>(center_x_.value - width / 2),
          static_cast<float>(center_y_.value - height_.value / 2), static_cast<float>(width),
          static_cast<float>(height_.value)};
}

template class BoxFilter<FramePx>;

}  // namespace retinue
