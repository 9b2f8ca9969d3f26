/// The sampler for frames in host memory.
#pragma once

#include <memory>

#include "preprocess/sampler.hpp"

namespace retinue {

std::unique_ptr<Sampler> create_cpu_sampler();

}  // namespace retinue
