/// What of a picture nobody may see.
#pragma once

#include <vector>

#include "geometry/point.hpp"
#include "geometry/space.hpp"

namespace retinue {

/// A polygon, made unrecognisable in every picture that leaves the program.
struct HiddenRegion {
  std::vector<Point<FramePx>> outline;  ///< At least three corners.
};

}  // namespace retinue
