/// A sampler that only remembers what it was asked for.
#pragma once

#include <optional>

#include "preprocess/sampler.hpp"

namespace retinue {

class RecordingSampler final : public Sampler {
 public:
  Result<void> sample(const Frame&, const Affine<UprightPx, TensorPx>& upright_from_tensor,
                      const SampleSpec& spec, TensorView) override {
    map = upright_from_tensor;
    asked = spec;
    return {};
  }

  Affine<UprightPx, TensorPx> map;
  SampleSpec asked;
};

}  // namespace retinue
