// A similarity takes points of its own source space, as every map does.
#include "geometry/affine.hpp"

namespace retinue {

Point<UprightPx> turned(const Similarity<UprightPx, TensorPx>& upright_from_tensor,
                        [[maybe_unused]] Point<TensorPx> in_tensor,
                        [[maybe_unused]] Point<UprightPx> in_upright) {
#ifdef MISUSE
  return upright_from_tensor * in_upright;
#else
  return upright_from_tensor * in_tensor;
#endif
}

}  // namespace retinue
