/// What one source's next frame is expected to show: the memory of tracking mode.
#pragma once

#include "task/face_follower.hpp"
#include "task/person_follower.hpp"

namespace retinue {

/// Used frame by frame in their order, by one thread at a time.
struct SourceFollower {
  FaceFollower faces;
  PersonFollower persons;

  /// While nobody is followed a frame costs little, so a live source can afford to look at each.
  void set_detect_while_empty(bool detect) {
    faces.set_detect_while_empty(detect);
    persons.set_detect_while_empty(detect);
  }

  /// Forgets everything: the next frame does not follow this one.
  void reset() {
    faces.reset();
    persons.reset();
  }
};

}  // namespace retinue
