/// Gives detected boxes of one source identities that last over frames.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"
#include "track/assignment.hpp"
#include "track/box_filter.hpp"
#include "track/camera_motion.hpp"

namespace retinue {

struct BoxTrackerSettings {
  /// An object may be out of sight this long and come back as itself.
  std::chrono::milliseconds forget_after{1500};
  /// Overlap with where a track is expected, from which a certain detection may be its object...
  float min_iou = 0.2F;
  /// ...and from which a weak one may be.
  float min_weak_iou = 0.5F;
  /// A track that found no box yet is looked for a third time with boxes grown by this share of
  /// their sides in every direction, around where it is expected and where it was last seen: quick
  /// movements, of the camera too, and objects that stopped out of sight.
  float growth = 0.4F;
  /// A box that overlaps one with a track by more than this begins none: it is more likely the same
  /// object again. So a detector may be lenient with boxes that overlap, and those who are known
  /// keep their tracks while one stands before the other.
  float max_birth_iou = 0.5F;
  BoxFilterSettings filter;
};

struct BoxObservation {
  Box<FramePx> box;
  /// Too uncertain to begin a track; it may continue one.
  bool weak = false;
};

/// Association in two stages: certain detections are matched to all tracks, then weak ones to those
/// tracks left that were seen in the frame before; each as the assignment with the greatest sum of
/// IoU with the boxes that Kalman filters expect. Zhang et al., "ByteTrack: Multi-Object Tracking
/// by Associating Every Detection Box", ECCV 2022.
///
/// Deviations: time instead of frame counts; the third stage (`growth`), as in Yang et al., "Hard
/// to Track Objects with Irregular Motions and Similar Appearances?", WACV 2023; a track counts
/// from its first certain detection on; where the camera moved (CameraMotion), tracks are looked
/// for where they would be in its new view; a box that another hides in part does not mislead its
/// filter (with_hidden_side).
///
/// Boxes are taken to be one pixel wide and high at least; those that are not finite match nothing.
/// One for each source. Allocates nothing once it has seen the frame with the most boxes.
/// Thread-bound.
class BoxTracker {
 public:
  explicit BoxTracker(const BoxTrackerSettings& settings = {}) : settings_(settings) {}

  /// The track of each observation; absent for those that neither continue one nor may begin one.
  /// Call in presentation order. The answer lives until the next call.
  std::span<const std::optional<TrackId>> update(std::span<const BoxObservation> observations,
                                                 MediaTime time);

  /// Ends all tracks; their ids are not used again.
  void reset() { tracks_.clear(); }

 private:
  struct Track {
    TrackId id;
    BoxFilter<FramePx> filter;  ///< As of `last_seen`.
    Box<FramePx> last_box;
    MediaTime last_seen;
    Box<FramePx> expected;  ///< In this frame.
    bool hidden = false;    ///< Not found in the frame before.
    bool matched = false;   ///< In this frame.
  };
  enum class Stage { certain, weak, grown };

  void predict(MediaTime time);
  /// Moves the tracks as the camera did, if it did.
  void follow_camera();
  void match(Stage stage);
  void follow(Track& track, std::size_t box, Stage stage) const;
  bool may_begin(std::size_t box) const;
  float closeness(const Track& track, const Box<FramePx>& box, Stage stage) const;

  BoxTrackerSettings settings_;
  std::vector<Track> tracks_;
  std::uint32_t last_id_ = 0;
  MediaTime time_;
  // Of one frame; kept for their memory.
  std::vector<Box<FramePx>> boxes_;
  std::vector<bool> weak_;
  CameraMotion camera_motion_;
  std::vector<Box<FramePx>> expected_boxes_;
  std::vector<Box<FramePx>> seen_boxes_;
  Assignment assignment_;
  std::vector<std::size_t> open_tracks_;
  std::vector<std::size_t> open_boxes_;
  std::vector<float> costs_;
  std::vector<std::optional<TrackId>> ids_;
};

}  // namespace retinue
