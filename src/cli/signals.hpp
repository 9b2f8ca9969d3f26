/// SIGINT and SIGTERM as a stop request.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace retinue {

/// From its creation to its end the first SIGINT or SIGTERM requests a stop; the second ends the
/// process at once. Blocks both signals for good in the calling thread and those that it starts, so
/// it must be made before them.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  StopOnSignal(StopOnSignal&&) = delete;
  StopOnSignal& operator=(StopOnSignal&&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

  /// The signal that came first; 0 when none did.
  int signal() const { return signal_.load(); }

 private:
  std::stop_source stop_;
  std::atomic<int> signal_ = 0;
  std::thread thread_;
};

}  // namespace retinue
