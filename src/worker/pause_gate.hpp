/// Where the readers of recordings wait while the user has paused.
#pragma once

#include <condition_variable>
#include <stop_token>

#include "base/mutex.hpp"

namespace retinue {

/// Open at first. Thread-safe.
class PauseGate {
 public:
  void set_paused(bool paused) {
    {
      const MutexLock lock(mutex_);
      paused_ = paused;
    }
    opened_.notify_all();
  }

  /// Returns once nothing is paused, or `stop` is requested.
  void wait(const std::stop_token& stop) {
    const MutexLock lock(mutex_);
    // The analysis does not follow the lock into the lambda.
    opened_.wait(mutex_, stop,
                 [this]() RETINUE_TSA(no_thread_safety_analysis) { return !paused_; });
  }

 private:
  Mutex mutex_;
  std::condition_variable_any opened_;
  bool paused_ GUARDED_BY(mutex_) = false;
};

}  // namespace retinue
