/// Room for one thing, where the newest wins.
#pragma once

#include <optional>
#include <utility>

#include "base/mutex.hpp"

namespace retinue {

/// Between one who makes things and one who takes them when it is ready: neither waits for the
/// other. Thread-safe.
template <typename T>
class NewestSlot {
 public:
  /// Replaces what was not taken.
  void put(T thing) {
    std::optional<T> newest(std::move(thing));
    const MutexLock lock(mutex_);
    // What is replaced dies with `newest`, after the lock.
    std::swap(newest_, newest);
  }

  /// Empty when there is nothing new.
  std::optional<T> take() {
    const MutexLock lock(mutex_);
    return std::exchange(newest_, std::nullopt);
  }

 private:
  Mutex mutex_;
  std::optional<T> newest_ GUARDED_BY(mutex_);
};

}  // namespace retinue
