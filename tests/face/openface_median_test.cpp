#include "face/openface_median.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

constexpr double kFhogBin = 1.005 / 1000;
constexpr double kShapeBin = 120.0 / 10'000;

std::unique_ptr<OpenFaceFeatures> all(double value) {
  auto features = std::make_unique<OpenFaceFeatures>();
  features->fill(value);
  return features;
}

TEST(OpenFaceMedian, IsNothingAtFirst) {
  const OpenFaceMedian median;
  EXPECT_TRUE(std::ranges::all_of(median.median(), [](double value) { return value == 0; }));
}

TEST(OpenFaceMedian, OfOneFrameIsThatFrame) {
  OpenFaceMedian median;
  median.add(*all(0.25));
  EXPECT_NEAR(median.median().front(), 0.25, kFhogBin);
  EXPECT_NEAR(median.median().back(), 0.25, kShapeBin);
}

TEST(OpenFaceMedian, IsTheMiddleOfTheSortedValuesAfterEachOfThem) {
  std::mt19937 random(7);
  std::normal_distribution<double> fhog(0.2, 0.1);
  std::normal_distribution<double> shape(-5, 20);
  OpenFaceMedian median;
  // One feature of each kind; the others ride along.
  std::vector<double> fhog_values;
  std::vector<double> shape_values;
  const auto features = all(0);
  for (std::size_t n = 1; n <= 101; ++n) {
    features->front() = std::clamp(fhog(random), 0.0, 0.99);
    features->back() = std::clamp(shape(random), -59.0, 59.0);
    fhog_values.push_back(features->front());
    shape_values.push_back(features->back());
    median.add(*features);
    const auto middle = [n](std::vector<double> values) {
      std::ranges::sort(values);
      return values[(n + 1) / 2 - 1];  // The lower one of an even count.
    };
    ASSERT_NEAR(median.median().front(), middle(fhog_values), kFhogBin) << n;
    ASSERT_NEAR(median.median().back(), middle(shape_values), kShapeBin) << n;
  }
}

TEST(OpenFaceMedian, OfFhogIsNeverBelowZero) {
  OpenFaceMedian median;
  median.add(*all(-7));
  EXPECT_EQ(median.median().front(), 0);
  EXPECT_NEAR(median.median().back(), -7, kShapeBin);
}

TEST(OpenFaceMedian, CountsWhatIsOutsideAsTheEndThatItIsBeyond) {
  OpenFaceMedian median;
  median.add(*all(1e9));
  EXPECT_NEAR(median.median().front(), 1, kFhogBin);
  EXPECT_NEAR(median.median().back(), 60, kShapeBin);
}

TEST(OpenFaceMedian, ForgetsWhenReset) {
  OpenFaceMedian median;
  for (int i = 0; i < 5; ++i)
    median.add(*all(0.9));
  median.reset();
  EXPECT_EQ(median.median().front(), 0);
  median.add(*all(0.1));
  EXPECT_NEAR(median.median().front(), 0.1, kFhogBin);
}

}  // namespace
}  // namespace retinue
