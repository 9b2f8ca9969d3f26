/// Memory for intermediate results. Private to this module.
#pragma once

#include <cstddef>

namespace retinue {

/// At least `floats` floats, aligned for vectors, not initialised: the calling thread's, until it
/// asks again. Allocates only when a thread asks for more than ever before.
float* thread_scratch(std::size_t floats);

}  // namespace retinue
