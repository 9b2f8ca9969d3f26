/// Gives the faces of one source identities that last over frames.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"

namespace retinue {

struct FaceTrackerSettings {
  /// A face may be out of sight this long and come back as itself.
  std::chrono::milliseconds forget_after{1000};
  /// Overlap of a face with where its track is expected, below which they are strangers...
  float min_iou = 0.2F;
  /// ...unless the centres are nearer than this many face sizes and the sizes alike: quick
  /// movements.
  float max_center_distance = 0.6F;
};

/// Each track moves on at its last speed; faces and tracks are paired best overlap first, then
/// nearest centre first. Works with time, not frame counts. One for each source.
///
/// Thread-bound.
class FaceTracker {
 public:
  explicit FaceTracker(const FaceTrackerSettings& settings = {}) : settings_(settings) {}

  /// Sets `track` of every face. Call in presentation order.
  void update(std::vector<Face>& faces, MediaTime time);

  /// Ends all tracks; their ids are not used again.
  void reset() { tracks_.clear(); }

 private:
  struct Track {
    TrackId id;
    Box<FramePx> box;
    Point<FramePx> velocity;  ///< Of the centre, pixels a second.
    MediaTime last_seen;
  };
  /// A track and a face that may be the same.
  struct Pairing {
    bool overlapping = false;
    /// Higher is better: IoU when overlapping, else minus the distance in face sizes.
    float closeness = 0;
    std::size_t track = 0;
    std::size_t face = 0;
  };

  static Box<FramePx> expected_box(const Track& track, MediaTime time);
  /// Fills `pairings_`, best first.
  void find_pairings(const std::vector<Face>& faces, MediaTime time);
  static void follow(Track& track, const Face& face, MediaTime time);

  FaceTrackerSettings settings_;
  std::vector<Track> tracks_;
  std::uint32_t last_id_ = 0;
  // Of one frame; kept for their memory.
  std::vector<Pairing> pairings_;
  std::vector<bool> track_taken_;
};

}  // namespace retinue
