#include "preprocess/cpu/cpu_sampler.hpp"

#include "preprocess/cpu/reference_sampler.hpp"

namespace retinue {

namespace {

class CpuSampler final : public Sampler {
 public:
  Result<void> sample(const Frame& frame, const Affine<UprightPx, TensorPx>& upright_from_tensor,
                      const SampleSpec& spec, TensorView out) override {
    return sample_by_definition(frame, upright_from_tensor, spec, out);
  }
};

}  // namespace

std::unique_ptr<Sampler> create_cpu_sampler() {
  return std::make_unique<CpuSampler>();
}

}  // namespace retinue
