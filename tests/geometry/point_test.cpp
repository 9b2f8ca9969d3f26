#include "geometry/point.hpp"

#include <gtest/gtest.h>

#include "geometry/space.hpp"

namespace retinue {
namespace {

TEST(Point, AddsSubtractsAndScalesWithinItsSpace) {
  const Point<FramePx> a{3, 4};
  const Point<FramePx> b{1, -2};
  EXPECT_EQ(a + b, (Point<FramePx>{4, 2}));
  EXPECT_EQ(a - b, (Point<FramePx>{2, 6}));
  EXPECT_EQ(a * 0.5F, (Point<FramePx>{1.5F, 2}));
}

TEST(Point, DistanceIsEuclidean) {
  EXPECT_FLOAT_EQ(distance(Point<FramePx>{1, 1}, Point<FramePx>{4, 5}), 5);
  EXPECT_FLOAT_EQ(distance(Point<FramePx>{2, 3}, Point<FramePx>{2, 3}), 0);
}

TEST(Point3, ProjectsToItsPlaceInThePicture) {
  EXPECT_EQ((Point3<TensorPx>{1, 2, 3}.xy()), (Point<TensorPx>{1, 2}));
}

}  // namespace
}  // namespace retinue
