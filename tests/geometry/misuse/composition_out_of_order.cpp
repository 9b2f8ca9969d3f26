// Maps compose only where the inner one ends in the space in which the outer one starts.
#include "geometry/affine.hpp"

namespace retinue {

Affine<StoredPx, TensorPx> stored_from_tensor(
    const Affine<StoredPx, UprightPx>& stored_from_upright,
    const Affine<UprightPx, TensorPx>& upright_from_tensor) {
#ifdef MISUSE
  return upright_from_tensor * stored_from_upright;
#else
  return stored_from_upright * upright_from_tensor;
#endif
}

}  // namespace retinue
