/// Action units of faces over time: each person is measured against their own face at rest.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"
#include "perception/track_memory.hpp"

namespace retinue {

/// One for each source. A person's face at rest is the running median of each activation over the
/// frames of their track (action_unit_activations), in which a face is at rest more often than not.
/// So that one frame is measured, too, and the first second is no other than the tenth, it begins
/// as that of people in general: after t seconds of a track the median counts t / (t + 2 s). It
/// never lies more than ActionUnitScale::max_shift above that of people in general.
///
/// Depends on the faces alone, in their order. Thread-bound. Allocates nothing but for more tracks
/// at a time than there were before.
class ActionUnitEstimator {
 public:
  ActionUnitEstimator();
  ~ActionUnitEstimator();
  ActionUnitEstimator(ActionUnitEstimator&&) noexcept;
  ActionUnitEstimator& operator=(ActionUnitEstimator&&) noexcept;
  ActionUnitEstimator(const ActionUnitEstimator&) = delete;
  ActionUnitEstimator& operator=(const ActionUnitEstimator&) = delete;

  /// Sets `action_units` of every face that has blendshapes and landmarks. A face without a track
  /// is measured against people in general. A track that was out of sight for longer than
  /// kFaceComesBackWithin is forgotten. Call in presentation order.
  void estimate(std::vector<Face>& faces, MediaTime time);

  /// Forgets everybody: the source's times do not follow one another.
  void reset();

 private:
  struct Person;

  std::unique_ptr<TrackMemory<Person>> persons_;
};

}  // namespace retinue
