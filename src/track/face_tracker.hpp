/// Gives the faces of one source identities that last over frames.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"
#include "track/box_tracker.hpp"

namespace retinue {

/// What is different about faces: they change their speed by their own size within a few frames,
/// and whatever the detector left of those that overlap are faces of their own.
inline constexpr BoxTrackerSettings kFaceTracking{
    .forget_after = kFaceComesBackWithin,
    .max_birth_iou = 1,
    .filter = {.speed_deviation = 1.5},
};

/// One for each source. Thread-bound.
class FaceTracker {
 public:
  explicit FaceTracker(const BoxTrackerSettings& settings = kFaceTracking) : tracker_(settings) {}

  /// Sets `track` of every face. Call in presentation order.
  void update(std::vector<Face>& faces, MediaTime time);

  /// Ends all tracks; their ids are not used again.
  void reset() { tracker_.reset(); }

 private:
  BoxTracker tracker_;
  std::vector<BoxObservation> observations_;  ///< Of one frame; kept for their memory.
};

}  // namespace retinue
