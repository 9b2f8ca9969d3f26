#include "kernels/scratch.hpp"

#include <array>
#include <vector>

namespace retinue {

namespace {

constexpr std::size_t kLineFloats = 16;
struct alignas(64) Line {
  std::array<float, kLineFloats> floats;
};

}  // namespace

float* thread_scratch(std::size_t floats) {
  thread_local std::vector<Line> lines;
  const std::size_t needed = (floats + kLineFloats - 1) / kLineFloats;
  if (lines.size() < needed) lines.resize(needed);
  return lines.front().floats.data();
}

}  // namespace retinue
