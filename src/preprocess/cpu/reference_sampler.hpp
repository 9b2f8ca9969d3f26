/// What the sampler means, written so that it can be checked by reading: every tensor pixel on its
/// own, in double precision, from the definitions. Far too slow for video.
#pragma once

#include "preprocess/sampler.hpp"

namespace retinue {

/// As `Sampler::sample`, which must equal it but for rounding (tests/preprocess say how closely).
Result<void> sample_by_definition(const Frame& frame,
                                  const Affine<UprightPx, TensorPx>& upright_from_tensor,
                                  const SampleSpec& spec, const TensorView& out);

}  // namespace retinue
