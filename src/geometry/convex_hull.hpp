/// The convex hull of points in a plane.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace retinue {

/// The corners of the least convex polygon around all points, from the leftmost on, no three of
/// them on a line. `P` has `x` and `y`. Points that are all the same make one corner.
///
/// Andrew's monotone chain, "Another efficient algorithm for convex hulls in two dimensions", 1979.
template <typename P>
std::vector<P> convex_hull(std::vector<P> points) {
  const auto place = [](const P& p) { return std::pair(p.x, p.y); };
  std::ranges::sort(points, {}, place);
  // Not ranges::unique, whose answer clang 14 does not compile.
  const auto same = [&place](const P& a, const P& b) { return place(a) == place(b); };
  points.erase(std::unique(points.begin(), points.end(), same), points.end());
  if (points.size() < 2) return points;
  std::vector<P> hull;
  const auto extend = [&hull](const P& point, std::size_t least) {
    const auto turns = [](const P& a, const P& b, const P& c) {
      return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0;
    };
    while (hull.size() > least && !turns(hull[hull.size() - 2], hull.back(), point))
      hull.pop_back();
    hull.push_back(point);
  };
  for (const P& point : points)
    extend(point, 1);
  const std::size_t lower = hull.size();
  for (auto point = points.rbegin() + 1; point != points.rend(); ++point)
    extend(*point, lower);
  hull.pop_back();
  return hull;
}

}  // namespace retinue
