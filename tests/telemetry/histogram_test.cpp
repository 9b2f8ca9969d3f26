#include "telemetry/histogram.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr double kRelativeError = 0.03;  // What the header promises.

TEST(DurationHistogram, IsZeroWithoutSamples) {
  const DurationHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.quantile_ms(0.5), 0);
}

TEST(DurationHistogram, EveryQuantileOfOneSampleIsThatSample) {
  DurationHistogram histogram;
  histogram.add(milliseconds(7));
  for (const double quantile : {0.0, 0.5, 1.0})
    EXPECT_NEAR(histogram.quantile_ms(quantile), 7, 7 * kRelativeError);
}

TEST(DurationHistogram, IsWithinThreePercentFromMicrosecondsToMinutes) {
  for (int step = 0; step < 65; ++step) {
    const double us = std::pow(1.37, step);  // Up to 9 minutes.
    DurationHistogram histogram;
    histogram.add(nanoseconds(std::llround(us * 1e3)));
    EXPECT_NEAR(histogram.quantile_ms(0.5), us * 1e-3, us * 1e-3 * kRelativeError) << us << " us";
  }
}

TEST(DurationHistogram, QuantilesAreThoseOfTheSortedSamples) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> milliseconds_of(2, 1);
  DurationHistogram histogram;
  std::vector<double> samples_ms;
  for (int i = 0; i < 5000; ++i) {
    samples_ms.push_back(milliseconds_of(random));
    histogram.add(nanoseconds(std::llround(samples_ms.back() * 1e6)));
  }
  std::ranges::sort(samples_ms);
  for (const double quantile : {0.01, 0.25, 0.5, 0.95, 0.99}) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(samples_ms.size())) - 1);
    const double exact_ms = samples_ms[rank];
    EXPECT_NEAR(histogram.quantile_ms(quantile), exact_ms, exact_ms * kRelativeError) << quantile;
  }
}

TEST(DurationHistogram, TheQuantileIsNotExceededByThatShare) {
  DurationHistogram histogram;
  for (int i = 0; i < 95; ++i)
    histogram.add(milliseconds(1));
  for (int i = 0; i < 5; ++i)
    histogram.add(milliseconds(100));
  EXPECT_NEAR(histogram.quantile_ms(0.95), 1, kRelativeError);
  EXPECT_NEAR(histogram.quantile_ms(0.96), 100, 100 * kRelativeError);
}

TEST(DurationHistogram, CountsWhatLiesOutsideInItsFirstAndLastBucket) {
  DurationHistogram histogram;
  histogram.add(nanoseconds(-5));
  histogram.add(nanoseconds(0));
  histogram.add(nanoseconds::max());
  EXPECT_EQ(histogram.count(), 3);
  EXPECT_NEAR(histogram.quantile_ms(0.5), 0.001, 0.001 * kRelativeError);
  EXPECT_GT(histogram.quantile_ms(1), 1e6);
}

TEST(DurationHistogram, CountsEverySampleOfManyThreads) {
  DurationHistogram histogram;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&histogram] {
        for (int i = 0; i < 1000; ++i)
          histogram.add(microseconds(i));
      });
    }
  }
  EXPECT_EQ(histogram.count(), 4000);
}

}  // namespace
}  // namespace retinue
