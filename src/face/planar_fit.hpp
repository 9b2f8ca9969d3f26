/// The sums of which the best similarity between two sets of points of the plane is made.
#pragma once

#include <span>

namespace retinue {

/// A point and the point that it is to be brought to.
struct PlanarPair {
  double from_x = 0;
  double from_y = 0;
  double to_x = 0;
  double to_y = 0;
};

/// Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
/// PAMI 1991, in two dimensions. The turn that brings `from` nearest to `to` is atan2(across,
/// along); the scale with the least squares is hypot(along, across) / from_extent.
struct PlanarFit {
  double from_x = 0;  ///< Means.
  double from_y = 0;
  double to_x = 0;
  double to_y = 0;
  double along = 0;
  double across = 0;
  double from_extent = 0;  ///< Sums of squared distances from the mean.
  double to_extent = 0;
};

PlanarFit planar_fit(std::span<const PlanarPair> pairs);

}  // namespace retinue
