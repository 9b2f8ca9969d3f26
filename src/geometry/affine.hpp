/// Transforms between coordinate spaces. Named `<to>_from_<source>` and read right to left:
/// `point_in_frame = frame_from_tensor * point_in_tensor`. Using one the wrong way round, or on a
/// point of another space, does not compile.
#pragma once

#include <cmath>

#include "geometry/box.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"

namespace retinue {

/// x' = xx·x + xy·y + x0, y' = yx·x + yy·y + y0.
template <typename To, typename From>
struct Affine {
  double xx = 1;
  double xy = 0;
  double x0 = 0;
  double yx = 0;
  double yy = 1;
  double y0 = 0;

  Point<To> operator*(Point<From> p) const {
    const auto x = static_cast<double>(p.x);
    const auto y = static_cast<double>(p.y);
    return {static_cast<float>(xx * x + xy * y + x0), static_cast<float>(yx * x + yy * y + y0)};
  }

  /// Composition: first `inner`, then this.
  template <typename Source>
  Affine<To, Source> operator*(const Affine<From, Source>& inner) const {
    return {.xx = xx * inner.xx + xy * inner.yx,
            .xy = xx * inner.xy + xy * inner.yy,
            .x0 = xx * inner.x0 + xy * inner.y0 + x0,
            .yx = yx * inner.xx + yy * inner.yx,
            .yy = yx * inner.xy + yy * inner.yy,
            .y0 = yx * inner.x0 + yy * inner.y0 + y0};
  }

  double determinant() const { return xx * yy - xy * yx; }

  /// The determinant must not be 0.
  Affine<From, To> inverse() const {
    const double d = determinant();
    return {.xx = yy / d,
            .xy = -xy / d,
            .x0 = (xy * y0 - yy * x0) / d,
            .yx = -yx / d,
            .yy = xx / d,
            .y0 = (yx * x0 - xx * y0) / d};
  }

  /// Mean change of length: the square root of the change of area.
  double scale() const { return std::sqrt(std::abs(determinant())); }

  friend bool operator==(const Affine&, const Affine&) = default;
};

/// Uniform scale, rotation and translation: the special case that keeps angles.
template <typename To, typename From>
struct Similarity {
  double scale = 1;
  double angle_rad = 0;  ///< Clockwise as seen.
  double x0 = 0;
  double y0 = 0;

  Affine<To, From> affine() const {
    const double c = scale * std::cos(angle_rad);
    const double s = scale * std::sin(angle_rad);
    return {.xx = c, .xy = -s, .x0 = x0, .yx = s, .yy = c, .y0 = y0};
  }
  Point<To> operator*(Point<From> p) const { return affine() * p; }
};

/// The affine map that takes the model input of `size` onto the region `roi`: corner to corner.
template <typename Space>
Affine<Space, TensorPx> region_from_tensor(const RotatedBox<Space>& roi, Size size) {
  const double c = std::cos(static_cast<double>(roi.angle_rad));
  const double s = std::sin(static_cast<double>(roi.angle_rad));
  const double sx = static_cast<double>(roi.width) / size.width;
  const double sy = static_cast<double>(roi.height) / size.height;
  const double half_width = size.width / 2.0;
  const double half_height = size.height / 2.0;
  Affine<Space, TensorPx> map{.xx = c * sx, .xy = -s * sy, .yx = s * sx, .yy = c * sy};
  map.x0 = static_cast<double>(roi.center.x) - map.xx * half_width - map.xy * half_height;
  map.y0 = static_cast<double>(roi.center.y) - map.yx * half_width - map.yy * half_height;
  return map;
}

/// Axis-aligned bounds of a box seen through `map`.
template <typename To, typename From>
Box<To> bounds(const Affine<To, From>& map, const Box<From>& box) {
  const auto width = static_cast<double>(box.width);
  const auto height = static_cast<double>(box.height);
  const Point<To> center = map * box.center();
  const auto out_width = static_cast<float>(std::abs(map.xx) * width + std::abs(map.xy) * height);
  const auto out_height = static_cast<float>(std::abs(map.yx) * width + std::abs(map.yy) * height);
  return {center.x - out_width / 2, center.y - out_height / 2, out_width, out_height};
}

}  // namespace retinue
