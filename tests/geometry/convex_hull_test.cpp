#include "geometry/convex_hull.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geometry/point.hpp"
#include "geometry/space.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using P = Point<FramePx>;

TEST(ConvexHull, HasTheCornersFromTheLeftmostOn) {
  EXPECT_THAT(convex_hull(std::vector<P>{{2, 2}, {0, 0}, {1, 1}, {2, 0}, {0, 2}, {1, 0}}),
              ElementsAre(P{0, 0}, P{2, 0}, P{2, 2}, P{0, 2}));
}

TEST(ConvexHull, OfPointsOnALineIsItsEnds) {
  EXPECT_THAT(convex_hull(std::vector<P>{{1, 1}, {3, 3}, {0, 0}, {2, 2}}),
              ElementsAre(P{0, 0}, P{3, 3}));
}

TEST(ConvexHull, OfOnePointOrNoneIsItself) {
  EXPECT_THAT(convex_hull(std::vector<P>{}), IsEmpty());
  EXPECT_THAT(convex_hull(std::vector<P>{{4, 2}, {4, 2}, {4, 2}}), ElementsAre(P{4, 2}));
}

TEST(ConvexHull, HasEveryPointOnOneSideOfItsEdges) {
  std::minstd_rand random(7);
  std::uniform_int_distribution<int> place(0, 20);
  for (int round = 0; round < 50; ++round) {
    std::vector<P> points(30);
    for (P& p : points)
      p = {static_cast<float>(place(random)), static_cast<float>(place(random))};
    const std::vector<P> hull = convex_hull(points);
    ASSERT_GE(hull.size(), 3U);
    for (std::size_t i = 0; i < hull.size(); ++i) {
      const P a = hull[i];
      const P b = hull[(i + 1) % hull.size()];
      for (const P& p : points)
        EXPECT_GE((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x), 0);
    }
  }
}

}  // namespace
}  // namespace retinue
