#include "face/planar_fit.hpp"

namespace retinue {

PlanarFit planar_fit(std::span<const PlanarPair> pairs) {
  PlanarFit fit;
  const auto count = static_cast<double>(pairs.size());
  for (const PlanarPair& pair : pairs) {
    fit.from_x += pair.from_x / count;
    fit.from_y += pair.from_y / count;
    fit.to_x += pair.to_x / count;
    fit.to_y += pair.to_y / count;
  }
  for (const PlanarPair& pair : pairs) {
    const double sx = pair.from_x - fit.from_x;
    const double sy = pair.from_y - fit.from_y;
    const double dx = pair.to_x - fit.to_x;
    const double dy = pair.to_y - fit.to_y;
    fit.along += sx * dx + sy * dy;
    fit.across += sx * dy - sy * dx;
    fit.from_extent += sx * sx + sy * sy;
    fit.to_extent += dx * dx + dy * dy;
  }
  return fit;
}

}  // namespace retinue
