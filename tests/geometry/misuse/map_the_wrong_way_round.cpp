// A map is not its inverse.
#include "geometry/affine.hpp"

namespace retinue {

Point<TensorPx> back_in_tensor(const Affine<FramePx, TensorPx>& frame_from_tensor,
                               Point<FramePx> in_frame) {
#ifdef MISUSE
  const Affine<TensorPx, FramePx> tensor_from_frame = frame_from_tensor;
#else
  const Affine<TensorPx, FramePx> tensor_from_frame = frame_from_tensor.inverse();
#endif
  return tensor_from_frame * in_frame;
}

}  // namespace retinue
