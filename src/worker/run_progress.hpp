/// How far a run is, for whoever shows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/mutex.hpp"

namespace retinue {

/// Thread-safe: written by the run, read by the terminal.
class RunProgress {
 public:
  struct State {
    std::string source;             ///< The one whose results are being written.
    std::size_t source_number = 0;  ///< From 1.
    std::size_t open_sources = 0;   ///< Being read now.
    std::size_t source_count = 0;
    std::uint64_t frames = 0;  ///< Of this source, delivered so far.
    std::optional<std::uint64_t> expected_frames;
    std::uint64_t total_frames = 0;  ///< Of all sources so far.
    std::size_t faces = 0;           ///< In the last frame.
    // Of live sources.
    bool live = false;
    std::uint64_t superseded = 0;  ///< Frames that a newer one replaced, so far.
    double latency_ms = 0;         ///< From arrival to result, smoothed over about 30 frames.
  };

  void add_sources(std::size_t count) {
    const MutexLock lock(mutex_);
    state_.source_count += count;
  }
  void begin_source(std::string name, std::optional<std::uint64_t> expected_frames) {
    const MutexLock lock(mutex_);
    state_.source = std::move(name);
    ++state_.source_number;
    ++state_.open_sources;
    state_.frames = 0;
    state_.expected_frames = expected_frames;
  }
  void end_source() {
    const MutexLock lock(mutex_);
    --state_.open_sources;
  }
  void deliver(std::size_t faces) {
    const MutexLock lock(mutex_);
    ++state_.frames;
    ++state_.total_frames;
    state_.faces = faces;
  }
  /// A frame of a live source was delivered, after `superseded` others had been replaced.
  void deliver_live(std::uint64_t superseded, double latency_ms) {
    constexpr double kWeight = 1.0 / 30;
    const MutexLock lock(mutex_);
    state_.latency_ms =
        state_.live ? state_.latency_ms + kWeight * (latency_ms - state_.latency_ms) : latency_ms;
    state_.live = true;
    state_.superseded += superseded;
  }
  State state() const {
    const MutexLock lock(mutex_);
    return state_;
  }

 private:
  mutable Mutex mutex_;
  State state_ GUARDED_BY(mutex_);
};

}  // namespace retinue
