#include "track/hidden_side.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using FrameBox = Box<FramePx>;

constexpr FrameBox kExpected = {100, 100, 60, 150};

/// The whole of a box, beside others.
FrameBox whole(const FrameBox& seen, std::vector<FrameBox> others) {
  others.insert(others.begin(), seen);
  return with_hidden_side(others, 0, kExpected);
}

TEST(WithHiddenSide, LeavesABoxAloneThatIsAsLargeAsExpected) {
  const FrameBox seen = {103, 98, 58, 149};
  EXPECT_EQ(whole(seen, {}), seen);
  EXPECT_EQ(whole(seen, {{140, 90, 80, 180}}), seen);
}

TEST(WithHiddenSide, LeavesABoxAloneThatIsSmallerWithNobodyNear) {
  const FrameBox seen = {103, 100, 30, 150};
  EXPECT_EQ(whole(seen, {}), seen);
  EXPECT_EQ(whole(seen, {{200, 90, 80, 180}}), seen);
}

TEST(WithHiddenSide, GoesOnBehindWhoIsOverItsRightSide) {
  EXPECT_EQ(whole({103, 100, 30, 150}, {{130, 90, 80, 180}}), (FrameBox{103, 100, 60, 150}));
}

TEST(WithHiddenSide, GoesOnBehindWhoIsOverItsLeftSide) {
  EXPECT_EQ(whole({140, 100, 30, 150}, {{65, 90, 80, 180}}), (FrameBox{110, 100, 60, 150}));
}

TEST(WithHiddenSide, GoesOnBehindWhoIsBeforeItsFeet) {
  EXPECT_EQ(whole({100, 100, 60, 80}, {{90, 175, 80, 100}}), (FrameBox{100, 100, 60, 150}));
}

TEST(WithHiddenSide, AGapOfTheDetectorsTrembleDoesNotMatter) {
  EXPECT_EQ(whole({103, 100, 30, 150}, {{140, 90, 80, 180}}), (FrameBox{103, 100, 60, 150}));
}

TEST(WithHiddenSide, LeavesABoxAloneThatOthersAreOverOnBothSides) {
  const FrameBox seen = {115, 100, 30, 150};
  EXPECT_EQ(whole(seen, {{50, 90, 70, 180}, {140, 90, 80, 180}}), seen);
  EXPECT_EQ(whole(seen, {{50, 90, 200, 180}}), seen);
}

TEST(WithHiddenSide, LeavesABoxAloneBesideSomethingSmall) {
  // A ball at its right hand hides nothing.
  const FrameBox seen = {103, 100, 30, 150};
  EXPECT_EQ(whole(seen, {{130, 160, 30, 30}}), seen);
}

}  // namespace
}  // namespace retinue
