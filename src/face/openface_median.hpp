/// A person's face at rest, as OpenFace's dynamic predictors know it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "face/openface_predictors.hpp"

namespace retinue {

/// The running median of each feature, in histograms of OpenFace's bins: 1000 over [-0.005, 1] for
/// FHOG, 10000 over [-60, 60] for the others; what is outside counts as the end that it is beyond.
/// A median is the centre of the bin in which the middle value lies; of FHOG never less than 0.
/// OpenFace adds every second frame of a track.
///
/// Takes 27 MB. Thread-bound. `add` allocates nothing; each feature takes constant time, for its
/// median moves by few bins from frame to frame.
class OpenFaceMedian {
 public:
  OpenFaceMedian();

  void add(const OpenFaceFeatures& features);

  /// All 0 before the first `add`.
  const OpenFaceFeatures& median() const { return median_; }

  void reset();

 private:
  struct Place {
    std::uint32_t bin = 0;
    std::uint32_t up_to_bin = 0;  ///< Values in this bin and below.
  };

  std::vector<std::uint32_t> counts_;  ///< The bins of feature 0, then those of feature 1 …
  std::vector<Place> places_;          ///< Of each feature's median.
  std::uint32_t count_ = 0;
  OpenFaceFeatures median_{};
};

}  // namespace retinue
