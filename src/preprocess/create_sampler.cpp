#include "preprocess/cpu/cpu_sampler.hpp"
#include "preprocess/sampler.hpp"

namespace retinue {

Result<std::unique_ptr<Sampler>> create_sampler(Device device) {
  if (device.kind == Device::Kind::cpu) return create_cpu_sampler();
  return fail(ErrorCode::unsupported,
              "creating a sampler for device 'cuda:" + std::to_string(device.index) +
                  "': this build samples on the CPU only");
}

}  // namespace retinue
