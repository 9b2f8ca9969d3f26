#include "geometry/box.hpp"

#include <gtest/gtest.h>

#include "geometry/space.hpp"

namespace retinue {
namespace {

using FrameBox = Box<FramePx>;

TEST(Box, KnowsItsEdgesCentreAndArea) {
  const FrameBox box{10, 20, 30, 40};
  EXPECT_EQ(box.right(), 40);
  EXPECT_EQ(box.bottom(), 60);
  EXPECT_EQ(box.center(), (Point<FramePx>{25, 40}));
  EXPECT_EQ(box.area(), 1200);
}

TEST(IntersectionOverUnion, OfABoxWithItselfIsOne) {
  EXPECT_FLOAT_EQ(iou(FrameBox{1, 2, 3, 4}, FrameBox{1, 2, 3, 4}), 1);
}

TEST(IntersectionOverUnion, OfHalfOverlappingBoxesIsAThird) {
  EXPECT_FLOAT_EQ(iou(FrameBox{0, 0, 2, 2}, FrameBox{1, 0, 2, 2}), 1.0F / 3);
}

TEST(IntersectionOverUnion, OfABoxWithinABoxIsTheRatioOfTheirAreas) {
  EXPECT_FLOAT_EQ(iou(FrameBox{0, 0, 4, 4}, FrameBox{1, 1, 2, 1}), 2.0F / 16);
}

TEST(IntersectionOverUnion, OfBoxesThatOnlyTouchIsZero) {
  EXPECT_EQ(iou(FrameBox{0, 0, 2, 2}, FrameBox{2, 0, 2, 2}), 0);
  EXPECT_EQ(iou(FrameBox{0, 0, 2, 2}, FrameBox{5, 5, 2, 2}), 0);
}

TEST(IntersectionOverUnion, OfAnEmptyBoxIsZero) {
  EXPECT_EQ(iou(FrameBox{1, 1, 0, 0}, FrameBox{0, 0, 2, 2}), 0);
  EXPECT_EQ(iou(FrameBox{1, 1, 0, 0}, FrameBox{1, 1, 0, 0}), 0);
}

}  // namespace
}  // namespace retinue
