/// Which parts of each frame hide the faces, also where a face was missed for a moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "geometry/box.hpp"
#include "perception/face.hpp"
#include "perception/hidden_region.hpp"

namespace retinue {

struct FaceCoverSettings {
  /// A face that is not found any more stays hidden this long.
  std::chrono::milliseconds hold{1000};
  /// Frames that may wait to see whether such a face comes back: 0 is for live sources, whose
  /// pictures cannot wait.
  std::size_t look_ahead = 0;
};

/// A face is hidden within the ellipse of its box and, if it has landmarks, the oval of its mesh,
/// both widened. In the gaps of its track:
///  - where it comes back while the frames of the gap wait, between the places before and after;
///  - else at the last place, which grows to twice its width in the course of `hold`.
///
/// Works with time, not frame counts. One for each source. Thread-bound.
class FaceCover {
 public:
  explicit FaceCover(const FaceCoverSettings& settings) : settings_(settings) {}

  /// The next frame, in presentation order, its faces with tracks.
  void add(const std::vector<Face>& faces, MediaTime time);

  /// The regions of the oldest frame that has not been taken, once no later frame can change them;
  /// `at_end`: there is none.
  std::optional<std::vector<HiddenRegion>> take(bool at_end);

  /// All tracks end: what comes is another scene. Frames that wait keep what they have.
  void reset() { tracks_.clear(); }

 private:
  struct Track {
    TrackId id;
    Box<FramePx> box;  ///< Around the region.
    MediaTime seen;
    std::size_t seen_frame = 0;
  };
  /// A face that was not found in a frame.
  struct Missed {
    TrackId id;
    Box<FramePx> box;
  };
  struct Waiting {
    MediaTime time;
    std::vector<HiddenRegion> regions;
    std::vector<Missed> missed;
  };

  void see(const Face& face, const HiddenRegion& region, MediaTime time);
  void fill_gap(const Track& before, const Box<FramePx>& after, MediaTime time);
  bool may_come_back(const Waiting& frame) const;

  FaceCoverSettings settings_;
  std::vector<Track> tracks_;
  std::deque<Waiting> waiting_;
  std::size_t first_waiting_ = 0;  ///< Number of the frame at the front.
};

}  // namespace retinue
