/// Directions in camera axes.
#pragma once

#include <array>

namespace retinue {

/// A direction of unit length in camera axes: x right, y down, z away from the camera.
using Direction = std::array<double, 3>;

}  // namespace retinue
