#include "sink/presentation_times.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

namespace {

constexpr std::int64_t kLargestStepBack = PresentationTimes::kTicksPerSecond;
constexpr std::int64_t kLargestStepAhead = PresentationTimes::kTicksPerSecond * 3600;

std::int64_t ticks_of(MediaTime time) {
  // In doubles: exact to a tick for 3000 years, and without overflow.
  return std::llround(time.seconds() * double{PresentationTimes::kTicksPerSecond});
}

}  // namespace

PresentationTimes::PresentationTimes(double frames_per_s)
    : step_(std::max<std::int64_t>(1, std::llround(double{kTicksPerSecond} / frames_per_s))) {}

std::int64_t PresentationTimes::next(MediaTime time) {
  const std::int64_t input = ticks_of(time);
  const std::int64_t distance = input - last_input_;
  last_input_ = input;
  if (last_output_ < 0) {
    offset_ = -input;
    return last_output_ = 0;
  }
  if (distance < -kLargestStepBack || distance > kLargestStepAhead) {
    offset_ = last_output_ + step_ - input;
  }
  const std::int64_t output = std::max(input + offset_, last_output_ + 1);
  if (output > last_output_ + 1) step_ = output - last_output_;
  return last_output_ = output;
}

}  // namespace retinue
