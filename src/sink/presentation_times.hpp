/// From the times of results to the times of a video file, which must increase.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace retinue {

/// Keeps the distances between frames (a variable frame rate stays variable) and starts at 0.
///
/// A frame that does not come after its predecessor comes one tick later. A jump back by more than
/// a second, or ahead by more than an hour, is a new start of the clock: such a frame follows after
/// the step that was last seen, and the distances go on from there. Thread-bound.
class PresentationTimes {
 public:
  static constexpr std::int64_t kTicksPerSecond = 90'000;

  /// `frames_per_s` gives the step until one is seen; > 0.
  explicit PresentationTimes(double frames_per_s);

  /// In ticks; larger than every earlier one.
  std::int64_t next(MediaTime time);

  /// How long the last frame is shown, in ticks.
  std::int64_t step() const { return step_; }

 private:
  std::int64_t step_;
  std::int64_t offset_ = 0;  ///< Added to the ticks of a MediaTime.
  std::int64_t last_input_ = 0;
  std::int64_t last_output_ = -1;  ///< -1 before the first frame.
};

}  // namespace retinue
