// Boxes overlap only within one space.
#include "geometry/box.hpp"
#include "geometry/space.hpp"

namespace retinue {

float overlap(const Box<FramePx>& a, [[maybe_unused]] const Box<FramePx>& b,
              [[maybe_unused]] const Box<TensorPx>& in_tensor) {
#ifdef MISUSE
  return iou(a, in_tensor);
#else
  return iou(a, b);
#endif
}

}  // namespace retinue
