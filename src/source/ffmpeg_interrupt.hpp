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
  void begin_call() { deadline_ = std::chrono::steady_clock::now() + settings_.timeout; }

  bool stop_requested() const { return settings_.stop.stop_requested(); }
  bool timed_out() const { return std::chrono::steady_clock::now() >= deadline_; }
  std::chrono::milliseconds timeout() const { return settings_.timeout; }

  AVIOInterruptCB callback() {
    return {[](void* self) {
              const auto& interrupt = *static_cast<const FfmpegInterrupt*>(self);
              return interrupt.stop_requested() || interrupt.timed_out() ? 1 : 0;
            },
            this};
  }

 private:
  SourceSettings settings_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace retinue
