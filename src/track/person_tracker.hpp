/// Gives the persons of one source identities that last over frames.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "perception/person.hpp"
#include "track/box_tracker.hpp"

namespace retinue {

/// One for each source. Thread-bound.
class PersonTracker {
 public:
  explicit PersonTracker(const BoxTrackerSettings& settings = {}) : tracker_(settings) {}

  /// Sets `track` of every person; takes out those that neither continue a track nor may begin one.
  /// Call in presentation order, the persons best first.
  void update(std::vector<Person>& persons, MediaTime time);

  /// Ends all tracks; their ids are not used again.
  void reset() { tracker_.reset(); }

 private:
  BoxTracker tracker_;
  std::vector<BoxObservation> observations_;  ///< Of one frame; kept for their memory.
};

}  // namespace retinue
