/// On which of the machine's cores a thread may run.
#pragma once

#include <sched.h>

#include <cstddef>
#include <optional>

namespace retinue {

/// The core that the calling thread runs on at the moment, as the operating system numbers it.
/// Nullopt: not known.
std::optional<int> current_core();

/// A set of cores, as the operating system numbers them. Best effort: on a machine with more cores
/// than a cpu_set_t has room for, nothing is known and no thread is bound.
class CoreSet {
 public:
  /// What the calling thread may run on. Nullopt: not known.
  static std::optional<CoreSet> of_this_thread();

  std::size_t size() const { return static_cast<std::size_t>(CPU_COUNT(&cores_)); }

  /// The `n`th of them alone. `n` is less than size().
  CoreSet nth(std::size_t n) const;

  /// From now on the calling thread, and threads that it starts, run on these only. Without effect
  /// where the system does not allow it.
  void bind_this_thread() const;

 private:
  cpu_set_t cores_{};
};

/// While this lives, the calling thread and threads that it starts may run on `cores`; afterwards
/// it is bound as it was. Thread-bound.
class CoreScope {
 public:
  explicit CoreScope(const CoreSet& cores) : before_(CoreSet::of_this_thread()) {
    if (before_) cores.bind_this_thread();
  }
  ~CoreScope() {
    if (before_) before_->bind_this_thread();
  }
  CoreScope(const CoreScope&) = delete;
  CoreScope& operator=(const CoreScope&) = delete;
  CoreScope(CoreScope&&) = delete;
  CoreScope& operator=(CoreScope&&) = delete;

 private:
  std::optional<CoreSet> before_;
};

}  // namespace retinue
