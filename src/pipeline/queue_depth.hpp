/// How many frames of a lossless source may wait for a lane.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

namespace retinue {

/// A number, or one that adapts: lanes that run out of work although a producer had to wait want a
/// deeper queue; a long time without that makes it shallower again, which saves memory. Results do
/// not depend on it.
class QueueDepth {
 public:
  QueueDepth(std::optional<std::size_t> fixed, std::size_t lanes)
      : adapts_(!fixed), least_(2 * lanes), most_(16 * lanes), depth_(fixed.value_or(2 * lanes)) {}

  std::size_t value() const { return depth_; }

  /// A producer waits for room.
  void producer_waits() { producer_waited_ = true; }

  /// A lane found nothing to do.
  void lane_starves() {
    if (!adapts_ || !producer_waited_) return;
    producer_waited_ = false;
    frames_since_ = 0;
    depth_ = std::min(most_, depth_ + 1);
  }

  /// A frame was started.
  void frame_starts() {
    constexpr std::size_t kCalmFrames = 1000;
    if (!adapts_ || ++frames_since_ < kCalmFrames) return;
    frames_since_ = 0;
    depth_ = std::max(least_, depth_ - 1);
  }

 private:
  bool adapts_;
  std::size_t least_;
  std::size_t most_;
  std::size_t depth_;
  std::size_t frames_since_ = 0;
  bool producer_waited_ = false;
};

}  // namespace retinue
