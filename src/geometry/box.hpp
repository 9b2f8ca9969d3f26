/// Axis-aligned and rotated rectangles of a coordinate space.
#pragma once

#include <algorithm>

#include "geometry/point.hpp"

namespace retinue {

struct Size {
  int width = 0;
  int height = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

/// Top-left corner and extent. Not clipped to the picture.
template <typename Space>
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  float right() const { return x + width; }
  float bottom() const { return y + height; }
  float area() const { return width * height; }
  Point<Space> center() const { return {x + width / 2, y + height / 2}; }
  friend bool operator==(const Box&, const Box&) = default;
};

/// Intersection over union, in [0, 1]; 0 for empty boxes.
template <typename Space>
float iou(const Box<Space>& a, const Box<Space>& b) {
  const float width = std::min(a.right(), b.right()) - std::max(a.x, b.x);
  const float height = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const float both = width * height;
  return both / (a.area() + b.area() - both);
}

/// A rectangle turned about its centre: the shape of a region of interest.
template <typename Space>
struct RotatedBox {
  Point<Space> center;
  float width = 0;
  float height = 0;
  float angle_rad = 0;  ///< Clockwise as seen; 0 is upright.

  friend bool operator==(const RotatedBox&, const RotatedBox&) = default;
};

}  // namespace retinue
