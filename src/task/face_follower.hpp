/// What one source's faces are expected to do in the next frame: the memory of tracking mode.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "geometry/box.hpp"
#include "perception/face.hpp"

namespace retinue {

struct FrameAnalysis;

/// Between detections a face is looked for where its landmarks were in the frame before, as
/// MediaPipe does it, for as long as the mesh says that it is there. The detector runs when it is
/// due, and besides when nothing is known yet or a face was lost in the frame before.
///
/// A face that the detector sees and the mesh does not (a profile, often) cannot be followed: it
/// keeps its box for at most `kMostHeldFrames` frames, then the detector is asked again.
///
/// A followed face's box keeps the place and size that it had relative to the landmarks when the
/// detector last saw the face, and its keypoints are read from the mesh; so records do not jump
/// between a detector's frames and the others.
///
/// Called frame by frame in their order, by one thread at a time.
class FaceFollower {
 public:
  static constexpr int kMostHeldFrames = 4;

  /// Whether the detector is to look at the frame that comes next, although it is not due.
  bool wants_detection() const {
    const bool held_too_long = !held_.empty() && held_frames_ >= kMostHeldFrames;
    return !began_ || lost_ || held_too_long || (detect_while_empty_ && followed_.empty());
  }

  /// Without faces the mesh costs nothing, so a live source can afford to look at every frame.
  void set_detect_while_empty(bool detect) { detect_while_empty_ = detect; }

  /// Puts the followed faces in front of those that the detector found elsewhere in this frame
  /// (none, if it did not look), and says where the mesh shall look. At most `max_faces`.
  void expect(FrameAnalysis& analysis, std::size_t max_faces);

  /// Takes what the mesh found. Followed faces that it did not find leave the analysis, unless the
  /// detector has just seen them; of two that it found in one place the older stays. Faces that are
  /// held join the analysis.
  void remember(FrameAnalysis& analysis);

  /// Forgets everything: the next frame does not follow this one.
  void reset();

 private:
  struct Followed {
    RotatedBox<UprightPx> region;
    Box<UprightPx> box;
    float score = 0;
    /// The box in units of the landmarks' bounds, from their corner.
    Box<UprightPx> box_in_bounds;
  };

  std::vector<Followed> followed_;
  std::vector<FaceIn<UprightPx>> held_;  ///< Seen by the detector, not by the mesh.
  int held_frames_ = 0;                  ///< Since the detector saw them.
  // Of the frame between expect and remember.
  std::vector<bool> seen_by_detector_;
  std::size_t expected_ = 0;
  // What expect and remember work with; kept for its memory.
  std::vector<FaceIn<UprightPx>> faces_;
  std::vector<RotatedBox<UprightPx>> regions_;
  std::vector<Followed> before_;
  std::vector<Box<UprightPx>> taken_;
  std::vector<bool> known_;

  bool began_ = false;
  bool lost_ = false;
  bool detect_while_empty_ = false;
};

}  // namespace retinue
