#include "pipeline/core_affinity.hpp"

#include <cassert>

namespace retinue {

namespace {

constexpr pid_t kThisThread = 0;

}  // namespace

std::optional<int> current_core() {
  const int core = sched_getcpu();
  if (core < 0) return std::nullopt;
  return core;
}

std::optional<CoreSet> CoreSet::of_this_thread() {
  CoreSet set;
  if (sched_getaffinity(kThisThread, sizeof set.cores_, &set.cores_) != 0) return std::nullopt;
  return set;
}

CoreSet CoreSet::nth(std::size_t n) const {
  assert(n < size());
  CoreSet one;
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &cores_) || n-- > 0) continue;
    CPU_SET(core, &one.cores_);
    break;
  }
  return one;
}

void CoreSet::bind_this_thread() const {
  static_cast<void>(sched_setaffinity(kThisThread, sizeof cores_, &cores_));
}

}  // namespace retinue
