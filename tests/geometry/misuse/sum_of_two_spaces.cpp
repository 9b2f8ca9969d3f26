// Points add only within one space.
#include "geometry/point.hpp"
#include "geometry/space.hpp"

namespace retinue {

Point<FramePx> moved(Point<FramePx> point, [[maybe_unused]] Point<FramePx> by,
                     [[maybe_unused]] Point<StoredPx> by_stored) {
#ifdef MISUSE
  return point + by_stored;
#else
  return point + by;
#endif
}

}  // namespace retinue
