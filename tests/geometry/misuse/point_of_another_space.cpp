// A map takes points of its own source space.
#include "geometry/affine.hpp"

namespace retinue {

Point<FramePx> landmark_in_frame(const Affine<FramePx, TensorPx>& frame_from_tensor,
                                 [[maybe_unused]] Point<TensorPx> in_tensor,
                                 [[maybe_unused]] Point<UprightPx> in_upright) {
#ifdef MISUSE
  return frame_from_tensor * in_upright;
#else
  return frame_from_tensor * in_tensor;
#endif
}

}  // namespace retinue
