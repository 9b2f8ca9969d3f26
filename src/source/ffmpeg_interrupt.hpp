/// Ends FFmpeg's waiting for bytes.
#pragma once

#include <chrono>
#include <utility>

#include "source/packet_source.hpp"

extern "C" {
#include <libavformat/avio.h>
}

namespace retinue {

/// FFmpeg asks it while it waits. Must stay where it is and outlive the contexts that have its
/// callback. Thread-bound, like the source.
class FfmpegInterrupt {
 public:
  explicit FfmpegInterrupt(SourceSettings settings) : settings_(std::move(settings)) {
    begin_call();
  }

  /// The timeout counts from now.
  void begin_call() {
    interrupted_ = false;
    deadline_ = std::chrono::steady_clock::now() + settings_.timeout;
  }

  bool stop_requested() const { return settings_.stop.stop_requested(); }
  bool timed_out() const { return std::chrono::steady_clock::now() >= deadline_; }
  /// Whether to give up waiting: what FFmpeg asks.
  bool interrupt_now() {
    if (stop_requested() || timed_out()) interrupted_ = true;
    return interrupted_;
  }
  /// Whether somebody was told, in this call, to give up.
  bool interrupted() const { return interrupted_; }
  std::chrono::milliseconds timeout() const { return settings_.timeout; }

  AVIOInterruptCB callback() {
    return {[](void* self) { return static_cast<FfmpegInterrupt*>(self)->interrupt_now() ? 1 : 0; },
            this};
  }

 private:
  SourceSettings settings_;
  bool interrupted_ = false;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace retinue
