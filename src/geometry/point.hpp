/// Points of a coordinate space. Points of two spaces do not mix.
#pragma once

#include <cmath>

namespace retinue {

template <typename Space>
struct Point {
  float x = 0;
  float y = 0;

  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Point a, float s) { return {a.x * s, a.y * s}; }
  friend bool operator==(const Point&, const Point&) = default;
};

template <typename Space>
float distance(Point<Space> a, Point<Space> b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// A landmark: z in the unit of x, smaller is nearer (the mesh convention of MediaPipe).
template <typename Space>
struct Point3 {
  float x = 0;
  float y = 0;
  float z = 0;

  Point<Space> xy() const { return {x, y}; }
  friend bool operator==(const Point3&, const Point3&) = default;
};

}  // namespace retinue
