#include "worker/calibration.hpp"

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(Median, IsTheMiddleValueInWhateverOrder) {
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({9, 1, 4}), 4);
  EXPECT_EQ(median({5, 5, 1, 9, 5}), 5);
}

TEST(Median, OfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(median({1, 2}), 1.5);
  EXPECT_EQ(median({10, 4, 2, 6}), 5);
}

}  // namespace
}  // namespace retinue
