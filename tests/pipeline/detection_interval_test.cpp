#include "pipeline/detection_interval.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::ElementsAre;

TEST(DetectionInterval, TheFirstFrameIsDueAndThenEveryNth) {
  DetectionInterval interval;
  std::vector<bool> due;
  for (int i = 0; i < 7; ++i)
    due.push_back(interval.next(3));
  EXPECT_THAT(due, ElementsAre(true, false, false, true, false, false, true));
}

TEST(DetectionInterval, OfOneIsEveryFrame) {
  DetectionInterval interval;
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(interval.next(1));
}

TEST(DetectionInterval, AShorterOneCountsFromTheLastDetection) {
  DetectionInterval interval;
  for (int i = 0; i < 6; ++i)
    interval.next(30);
  EXPECT_TRUE(interval.next(5));
  EXPECT_FALSE(interval.next(5));
}

}  // namespace
}  // namespace retinue
