/// Where one source's persons are expected in the next frame.
#pragma once

#include <cstddef>
#include <vector>

#include "geometry/box.hpp"
#include "perception/person.hpp"

namespace retinue {

struct FrameAnalysis;

/// Between detections a person is looked for where they were in the frame before, as MoveNet's own
/// programs do it, for as long as enough of the body's points are certain. The detector runs when
/// it is due, and besides when nothing is known yet or a person was lost in the frame before. What
/// it does not see when it looks is not there.
///
/// A person with too few certain points cannot be followed: they keep their box for at most
/// `kMostHeldFrames` frames, then the detector is asked again.
///
/// The box of a followed person moves and grows with the points of the trunk (head, shoulders,
/// hips), from the box and the points of the frame in which the detector last saw them: nothing
/// drifts, and an arm that is stretched out does not move the box.
///
/// Called frame by frame in their order, by one thread at a time.
class PersonFollower {
 public:
  static constexpr int kMostHeldFrames = 4;

  /// Whether the detector is to look at the frame that comes next, although it is not due.
  bool wants_detection() const {
    const bool held_too_long = holds_ && held_frames_ >= kMostHeldFrames;
    return !began_ || lost_ || held_too_long || (detect_while_empty_ && expected_.empty());
  }

  void set_detect_while_empty(bool detect) { detect_while_empty_ = detect; }

  /// Unless the detector has looked at this frame, its persons are those of the frame before.
  void expect(FrameAnalysis& analysis);

  /// Takes the points that were found. Followed persons whose points are lost leave the analysis,
  /// and of two in one place the later.
  void remember(FrameAnalysis& analysis);

  /// Forgets everything: the next frame does not follow this one.
  void reset();

 private:
  using Keypoints = BodyKeypoints<UprightPx>;
  struct Expected {
    Box<UprightPx> box;  ///< In the last frame.
    float score = 0;
    bool weak = false;
    /// Of the frame in which the detector last saw them; points only of those who are followed.
    Box<UprightPx> seen_box;
    std::optional<Keypoints> seen_keypoints;
  };

  /// What is to be remembered of `person`, who was expected as `before` or is new; nullopt: they
  /// are lost. Their box is moved to where the points are.
  static std::optional<Expected> follow(PersonIn<UprightPx>& person, const Expected* before);
  bool is_known(const Box<UprightPx>& box) const;

  std::vector<Expected> expected_;
  bool holds_ = false;  ///< Some of them have no points to follow.
  int held_frames_ = 0;
  bool began_ = false;
  bool lost_ = false;
  bool detect_while_empty_ = false;
  // What remember works with; kept for its memory.
  std::vector<Expected> before_;
};

}  // namespace retinue
