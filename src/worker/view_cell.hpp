/// One cell of the window of a run: from the threads that measure to the one that paints.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/mutex.hpp"
#include "frame/frame.hpp"
#include "perception/frame_result.hpp"
#include "worker/newest_slot.hpp"

namespace retinue {

/// A frame and what was measured in it.
struct ShownFrame {
  Frame frame;
  FrameResult result;
};

/// Where the source of a cell is.
enum class ViewPhase { opening, running, ended, failed };

/// The run puts frames in, the window takes the newest; neither waits for the other.
class ViewCell {
 public:
  using Clock = std::chrono::steady_clock;

  // Thread-safe: the run's side.

  /// The cell is another source's from now on.
  void assign(std::string source, bool live);
  void set_phase(ViewPhase phase);
  /// `superseded`: frames of the source that newer ones replaced, so far.
  void put(ShownFrame newest, std::int64_t superseded);

  // Thread-bound: the window's side.

  /// Goes over to the newest frame, unless `paused`, and to the figures of now. True if something
  /// of it is seen.
  bool update(bool paused, Clock::time_point now);

  /// Null before the first.
  const ShownFrame* shown() const { return shown_ ? &*shown_ : nullptr; }
  /// File name of the source, or its whole address.
  const std::string& name() const { return name_; }
  /// "30 fps  12 ms  0.3 % dropped", "paused", "ended" …
  const std::string& status() const { return status_; }

 private:
  struct Facts {
    std::string source;
    bool live = false;
    ViewPhase phase = ViewPhase::opening;
    std::uint64_t delivered = 0;  ///< In this cell, over all of its sources.
    std::int64_t superseded = 0;
    std::uint64_t of_source = 0;  ///< Delivered of the present source.
    double latency_ms = 0;
  };

  void measure(const Facts& facts, Clock::time_point now);
  std::string status_of(const Facts& facts, bool paused) const;

  Mutex mutex_;
  Facts facts_ GUARDED_BY(mutex_);
  NewestSlot<ShownFrame> newest_;

  std::optional<ShownFrame> shown_;
  std::string name_;
  std::string status_;
  std::optional<Clock::time_point> measured_at_;
  std::uint64_t delivered_then_ = 0;
  std::optional<double> frames_per_s_;
  double latency_ms_ = 0;
};

}  // namespace retinue
