/// OpenFace's action units of faces over time: each person is measured against their own face at
/// rest.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "face/openface_history.hpp"
#include "face/openface_predictors.hpp"
#include "perception/face.hpp"
#include "perception/track_memory.hpp"

namespace retinue {

/// One for each source. A person's face at rest is the running median of their features, to which
/// every second frame of their track is added (OpenFaceMedian).
///
/// Depends on the faces alone, in their order. Thread-bound. Allocates nothing but for more tracks
/// at a time than there were before: 27 MB each.
class OpenFaceEstimator {
 public:
  explicit OpenFaceEstimator(std::shared_ptr<const OpenFacePredictors> predictors);
  ~OpenFaceEstimator();
  OpenFaceEstimator(OpenFaceEstimator&&) noexcept;
  OpenFaceEstimator& operator=(OpenFaceEstimator&&) noexcept;
  OpenFaceEstimator(const OpenFaceEstimator&) = delete;
  OpenFaceEstimator& operator=(const OpenFaceEstimator&) = delete;

  /// Sets `action_units` of every face that has a measurement, which is given up. Faces without a
  /// track and faces in pictures of their own are measured by static predictors. A track that was
  /// out of sight for longer than kFaceComesBackWithin is forgotten. Call in presentation order.
  ///
  /// `history`, unless null, is told what the second pass over a recording needs.
  void estimate(std::vector<Face>& faces, MediaTime time, OpenFaceHistory* history = nullptr);

  /// Forgets everybody: the source's times do not follow one another.
  void reset();

 private:
  struct Person;

  std::shared_ptr<const OpenFacePredictors> predictors_;
  std::unique_ptr<TrackMemory<Person>> persons_;
};

}  // namespace retinue
