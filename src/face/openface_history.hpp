/// OpenFace's second pass over a recording: what was measured early is measured again against what
/// was learnt of the person by the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "face/openface_predictors.hpp"
#include "perception/face.hpp"

namespace retinue {

/// As FaceAnalyser of OpenFace 2.2 does it for recordings, for each track by itself:
///
///   1. the first 3000 frames are measured again with the median of the whole track;
///   2. an intensity with a cutoff c is lowered by its value at the share c of the track's sorted
///      values: in so many frames the unit is held to be at rest;
///   3. intensities are clamped to [0, 5] and averaged over 3 frames;
///   4. presences are decided by the majority of 7 frames.
///
/// Frames without the person count as 0 in 3 and 4, and the first and last frames of the recording,
/// whose window is not whole, stay as they are.
///
/// Takes 144 bytes a face and frame. Thread-bound.
class OpenFaceHistory {
 public:
  /// The next frame of the recording begins; what is added belongs to it.
  void begin_frame() { ++frames_; }

  /// `values` before the median is taken off, `rest` what the median takes off at this time.
  void add(TrackId track, const OpenFaceValues& values, const OpenFaceValues& rest);

  /// Called once, after the last frame.
  void correct(const OpenFacePredictors& predictors);

  /// Sets the action units of the faces of frame `frame`, counted from 0 by `begin_frame`, as
  /// corrected. Faces that were never added stay as they are.
  void apply(std::size_t frame, std::vector<Face>& faces) const;

 private:
  static constexpr std::size_t kMeasuredAgain = 3000;

  /// A face in a frame. Intensities come first, presences behind them.
  struct Entry {
    std::uint32_t frame = 0;
    std::array<float, kActionUnitIntensityCount + kActionUnitCount> values{};
  };
  struct Track {
    std::vector<Entry> entries;  ///< In the order of the frames.
    OpenFaceValues rest;         ///< Of its last frame.
  };

  void correct(Track& track, const OpenFacePredictors& predictors) const;
  void smooth(Track& track, std::size_t value, std::uint32_t radius) const;

  std::size_t frames_ = 0;
  std::map<TrackId, Track> tracks_;
};

}  // namespace retinue
