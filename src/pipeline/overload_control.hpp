/// What live sources give up when there is more to do than the machine can, and in which order.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace retinue {

/// How far a run has given in.
enum class LoadLevel : std::uint8_t {
  normal,    ///< The detector looks every few frames.
  reduced,   ///< It looks less often.
  minimal,   ///< It looks about once a second.
  dropping,  ///< It looks about once a second, and frames are dropped.
};

/// The detector's rate goes first; what then is still too much is dropped by the mailboxes, evenly
/// over the sources, because lanes take the longest-waiting source first. Gives in a step for each
/// second in which more than one frame in twenty was dropped, and takes a step back after five
/// seconds in a row without that.
///
/// Works with the times it is given; not thread-safe.
class OverloadControl {
 public:
  /// A live frame came, and replaced one that nobody had taken, or not. True when the level
  /// changed.
  bool capture(ArrivalTime now, bool replaced_another);

  LoadLevel level() const { return level_; }

  /// Frames between detections at this level.
  int detect_every() const;

 private:
  bool end_window();

  LoadLevel level_ = LoadLevel::normal;
  ArrivalTime window_begin_{};
  std::int64_t captured_ = 0;
  std::int64_t replaced_ = 0;
  int calm_windows_ = 0;
};

}  // namespace retinue
