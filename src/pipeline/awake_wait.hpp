/// How long a lane without work stays awake for it.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace retinue {

/// A core that falls asleep may take long to wake, on a virtual machine longer than the wait was.
/// So a lane that expects a frame soon waits awake, as long as that is little of all its time: a
/// 64th of what went by, and 10 ms. Where frames never come in time it sleeps nearly always.
///
/// Works with the times it is given; not thread-safe.
class AwakeWait {
 public:
  /// A wait begins. Until when the lane may stay awake.
  ArrivalTime begin(ArrivalTime now) {
    if (ended_ != ArrivalTime{})
      credit_ = std::min<Duration>(kMost, credit_ + (now - ended_) / kShare);
    began_ = now;
    return now + credit_;
  }

  /// The lane has work, or falls asleep.
  void end(ArrivalTime now) {
    credit_ -= std::min(credit_, now - began_);
    ended_ = now;
  }

 private:
  using Duration = ArrivalTime::duration;
  static constexpr std::chrono::milliseconds kMost{10};
  static constexpr int kShare = 64;

  Duration credit_ = kMost;
  ArrivalTime began_{};
  ArrivalTime ended_{};  ///< Of the last wait.
};

}  // namespace retinue
