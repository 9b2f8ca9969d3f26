/// Smooths what is measured of faces, track by track.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"
#include "perception/track_memory.hpp"

namespace retinue {

/// One for each source; its filters live as long as the tracks that they belong to. Box, keypoints,
/// landmarks, blendshapes, head pose, gaze and emotions pass One-Euro filters; scores and
/// embeddings stay the models' own.
///
/// Thread-bound.
class FaceSmoother {
 public:
  FaceSmoother();
  ~FaceSmoother();
  FaceSmoother(FaceSmoother&&) noexcept;
  FaceSmoother& operator=(FaceSmoother&&) noexcept;
  FaceSmoother(const FaceSmoother&) = delete;
  FaceSmoother& operator=(const FaceSmoother&) = delete;

  /// Smooths in place. Faces without a track are left alone. A track that was away for longer than
  /// half a second starts anew.
  void smooth(std::vector<Face>& faces, MediaTime time);

  /// Forgets everything: the source's times do not follow one another.
  void reset();

 private:
  struct FaceFilters;

  std::unique_ptr<TrackMemory<FaceFilters>> filters_;
};

}  // namespace retinue
