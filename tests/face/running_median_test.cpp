#include "face/running_median.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

constexpr std::size_t kBins = 256;
constexpr float kBinWidth = 1.0F / kBins;

/// Slow and obvious: sorts all numbers.
float sorted_median(std::vector<float> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

TEST(RunningMedian, OfOneNumberIsThatNumber) {
  for (const float value : {0.0F, 0.3F, 0.999F, 1.0F}) {
    RunningMedian<kBins> median;
    median.add(value);
    EXPECT_NEAR(median.median(), value, kBinWidth);
  }
}

TEST(RunningMedian, IsTheMiddleOfTheSortedNumbersAfterEachOfThem) {
  std::mt19937 random(3);
  std::normal_distribution<float> value(0.4F, 0.1F);
  RunningMedian<kBins> median;
  std::vector<float> values;
  for (int i = 0; i < 501; ++i) {
    values.push_back(std::clamp(value(random), 0.0F, 1.0F));
    median.add(values.back());
    // Of an even count, the middle is anywhere between two numbers: compare odd ones.
    if (values.size() % 2 == 0) continue;
    ASSERT_NEAR(median.median(), sorted_median(values), kBinWidth);
  }
}

TEST(RunningMedian, CountsWhatIsOutsideAsTheEndThatItIsBeyond) {
  RunningMedian<kBins> median;
  for (const float value : {-3.0F, -2.0F, 7.0F})
    median.add(value);
  EXPECT_NEAR(median.median(), 0, kBinWidth);
  for (const float value : {5.0F, 6.0F})
    median.add(value);
  EXPECT_NEAR(median.median(), 1, kBinWidth);
}

TEST(RunningMedian, ForgetsWhenReset) {
  RunningMedian<kBins> median;
  median.add(0.9F);
  median.reset();
  EXPECT_EQ(median.count(), 0U);
  median.add(0.1F);
  EXPECT_NEAR(median.median(), 0.1F, kBinWidth);
}

}  // namespace
}  // namespace retinue
