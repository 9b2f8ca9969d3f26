#include "smooth/one_euro_filter.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

MediaTime at_s(double s) {
  return {nanoseconds(std::llround(s * 1e9))};
}

/// Algorithm 1 of the paper (Casiez, Roussel, Vogel, CHI 2012), line by line, with the rate of the
/// samples instead of a fixed one. In the paper's pseudo-code the speed is that of the raw value
/// against the last *filtered* one; the authors' own programs take the last raw value, as here.
class PaperFilter {
 public:
  explicit PaperFilter(const OneEuroSettings& settings) : settings_(settings) {}

  double operator()(double x, double rate_hz) {
    const double dx = first_ ? 0 : (x - last_raw_) * rate_hz;
    const double edx = lowpass(dx, alpha(rate_hz, settings_.derivative_cutoff_hz), dx_hat_);
    const double cutoff_hz = settings_.min_cutoff_hz + settings_.beta * std::abs(edx);
    const double x_hat = lowpass(x, alpha(rate_hz, cutoff_hz), x_hat_);
    first_ = false;
    last_raw_ = x;
    dx_hat_ = edx;
    x_hat_ = x_hat;
    return x_hat;
  }

 private:
  static double alpha(double rate_hz, double cutoff_hz) {
    const double tau = 1.0 / (2 * std::numbers::pi * cutoff_hz);
    const double te = 1.0 / rate_hz;
    return 1.0 / (1.0 + tau / te);
  }
  double lowpass(double x, double alpha, double hat_x_previous) const {
    return first_ ? x : alpha * x + (1 - alpha) * hat_x_previous;
  }

  OneEuroSettings settings_;
  bool first_ = true;
  double last_raw_ = 0;
  double dx_hat_ = 0;
  double x_hat_ = 0;
};

constexpr OneEuroSettings kSettings{.min_cutoff_hz = 1, .beta = 0.7, .derivative_cutoff_hz = 1.5};

TEST(OneEuroFilter, EqualsThePapersAlgorithm) {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 0.3);
  OneEuroFilter filter;
  PaperFilter paper(kSettings);
  for (int i = 0; i < 200; ++i) {
    const double value = 5 * std::sin(0.1 * i) + noise(random);
    const double expected = paper(value, 30);
    EXPECT_NEAR(filter(value, at_s(i / 30.0), kSettings), expected, 1e-6) << i;
  }
}

TEST(OneEuroFilter, EqualsThePapersAlgorithmAtAVariableRate) {
  std::mt19937 random(4);
  std::uniform_real_distribution<double> interval_s(0.005, 0.2);
  OneEuroFilter filter;
  PaperFilter paper(kSettings);
  double time_s = 0;
  double last_s = -1;
  for (int i = 0; i < 200; ++i) {
    const double value = std::sin(3 * time_s);
    const double expected = paper(value, 1 / (time_s - last_s));
    EXPECT_NEAR(filter(value, at_s(time_s), kSettings), expected, 1e-6) << i;
    last_s = time_s;
    time_s += interval_s(random);
  }
}

TEST(OneEuroFilter, PassesTheFirstSampleThrough) {
  OneEuroFilter filter;
  EXPECT_EQ(filter(42, at_s(3), kSettings), 42);
}

TEST(OneEuroFilter, LeavesAConstantAlone) {
  OneEuroFilter filter;
  for (int i = 0; i < 50; ++i)
    EXPECT_DOUBLE_EQ(filter(7, at_s(i / 30.0), kSettings), 7);
}

TEST(OneEuroFilter, StillsANumberThatTrembles) {
  std::mt19937 random(5);
  std::normal_distribution<double> noise(0, 1);
  OneEuroFilter filter;
  double raw_sum = 0;
  double smooth_sum = 0;
  for (int i = 0; i < 600; ++i) {
    const double raw = noise(random);
    const double smooth = filter(raw, at_s(i / 30.0), {.min_cutoff_hz = 0.5});
    if (i < 30) continue;  // Until the first sample is forgotten.
    raw_sum += raw * raw;
    smooth_sum += smooth * smooth;
  }
  EXPECT_LT(std::sqrt(smooth_sum), std::sqrt(raw_sum) / 3);
}

TEST(OneEuroFilter, ComesToTheNewValueAfterAStep) {
  OneEuroFilter filter;
  double last = filter(0, at_s(0), kSettings);
  for (int i = 1; i < 60; ++i) {
    const double now = filter(100, at_s(i / 30.0), kSettings);
    EXPECT_GE(now, last) << "without turning back";
    EXPECT_LE(now, 100) << "without overshooting";
    last = now;
  }
  EXPECT_NEAR(last, 100, 0.1);
}

TEST(OneEuroFilter, LagsLessWithBetaThanWithout) {
  OneEuroFilter quick;
  OneEuroFilter slow;
  double quick_value = 0;
  double slow_value = 0;
  for (int i = 0; i < 60; ++i) {
    quick_value = quick(10 * i, at_s(i / 30.0), {.min_cutoff_hz = 1, .beta = 1});
    slow_value = slow(10 * i, at_s(i / 30.0), {.min_cutoff_hz = 1, .beta = 0});
  }
  EXPECT_GT(quick_value, 580);
  EXPECT_LT(slow_value, 560);
}

TEST(OneEuroFilter, TheScaleIsTheUnitOfSpeed) {
  OneEuroFilter plain;
  OneEuroFilter scaled;
  for (int i = 0; i < 30; ++i) {
    const double value = std::sin(0.4 * i);
    EXPECT_NEAR(scaled(200 * value, at_s(i / 30.0), kSettings, 200),
                200 * plain(value, at_s(i / 30.0), kSettings), 1e-9);
  }
}

TEST(OneEuroFilter, PassesASampleThroughWhoseTimeDoesNotAdvance) {
  for (const double second_s : {1.0, 0.5}) {
    OneEuroFilter filter;
    filter(0, at_s(1), kSettings);
    EXPECT_EQ(filter(10, at_s(second_s), kSettings), 10);
    EXPECT_LT(filter(20, at_s(second_s + 0.03), kSettings), 20) << "filtered again";
  }
}

TEST(OneEuroFilter, ALongGapAllButPassesTheSampleThrough) {
  OneEuroFilter filter;
  filter(0, at_s(0), kSettings);
  EXPECT_NEAR(filter(10, at_s(100), kSettings), 10, 0.05);
}

TEST(OneEuroFilter, PassesTheNextSampleThroughAfterAReset) {
  OneEuroFilter filter;
  filter(0, at_s(0), kSettings);
  filter.reset();
  EXPECT_EQ(filter(10, at_s(0.03), kSettings), 10);
}

TEST(OneEuroFilter, RecoversFromNumbersThatAreNotFinite) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    OneEuroFilter filter;
    filter(1, at_s(0), kSettings);
    filter(bad, at_s(0.03), kSettings);
    EXPECT_EQ(filter(2, at_s(0.06), kSettings), 2) << "starts anew";
    EXPECT_LT(filter(3, at_s(0.09), kSettings), 3);
  }
}

TEST(OneEuroFilter, StaysFiniteForHugeValuesAndTinyIntervals) {
  OneEuroFilter filter;
  for (int i = 0; i < 10; ++i) {
    const double value = i % 2 == 0 ? 1e30 : -1e30;
    EXPECT_TRUE(std::isfinite(filter(value, {nanoseconds(i)}, kSettings)));
  }
}

TEST(OneEuroFilters, FilterEachNumberAsOneAloneWouldBe) {
  OneEuroFilters<3> together;
  std::array<OneEuroFilter, 3> alone;
  for (int frame = 0; frame < 60; ++frame) {
    const MediaTime time = at_s(frame / 30.0);
    together.begin(time, kSettings, 50);
    for (std::size_t i = 0; i < alone.size(); ++i) {
      const double value = 100 * std::sin(0.1 * frame * static_cast<double>(i + 1));
      EXPECT_EQ(together(i, value), alone[i](value, time, kSettings, 50)) << frame << ", " << i;
    }
  }
}

TEST(OneEuroFilters, ANumberThatIsNotFiniteDisturbsNoOther) {
  OneEuroFilters<2> filters;
  OneEuroFilter alone;
  for (int frame = 0; frame < 10; ++frame) {
    const MediaTime time = at_s(frame / 30.0);
    const double value = std::sin(0.4 * frame);
    filters.begin(time, kSettings);
    const double bad = filters(0, frame == 5 ? std::numeric_limits<double>::quiet_NaN() : frame);
    if (frame == 6) {
      EXPECT_EQ(bad, 6) << "starts anew";
    }
    if (frame == 7) {
      EXPECT_LT(bad, 7) << "filtered again";
    }
    EXPECT_EQ(filters(1, value), alone(value, time, kSettings)) << frame;
  }
}

TEST(OneEuroFilters, AllStartAnewAtATimeThatDoesNotAdvance) {
  for (const double second_s : {1.0, 0.5}) {
    OneEuroFilters<2> filters;
    filters.begin(at_s(1), kSettings);
    filters(0, 0);
    filters(1, 0);
    filters.begin(at_s(second_s), kSettings);
    EXPECT_EQ(filters(0, 10), 10);
    EXPECT_EQ(filters(1, 20), 20);
    filters.begin(at_s(second_s + 0.03), kSettings);
    EXPECT_LT(filters(0, 20), 20) << "filtered again";
    EXPECT_LT(filters(1, 30), 30) << "filtered again";
  }
}

TEST(OneEuroFilters, StartAnewAfterAReset) {
  OneEuroFilters<2> filters;
  filters.begin(at_s(0), kSettings);
  filters(0, 1);
  filters(1, 2);
  filters.reset();
  filters.begin(at_s(0.03), kSettings);
  EXPECT_EQ(filters(0, 10), 10);
  EXPECT_EQ(filters(1, 20), 20);
}

}  // namespace
}  // namespace retinue
