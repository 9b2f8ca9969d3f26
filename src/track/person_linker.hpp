/// Tells whose face each face is.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"
#include "perception/person.hpp"
#include "track/assignment.hpp"

namespace retinue {

/// Pairs faces with persons, one with one, so that they fit best on the whole:
///  - where a person's pose shows their eyes or nose, or else their ears, by the distance of the
///    face's from those, at most the face's size;
///  - else by the person's box, whose upper part must hold the face: the nearer to its top and its
///    middle, the better.
///
/// A face stays with the person it was with for longest, while both are there and no other fits
/// much better; while that person is missed for half a second, it is nobody's rather than
/// another's. A face in the upper part of a box may be that of somebody nearer to the camera whom
/// the detector of persons missed: without poses, they are taken for the one behind.
///
/// One for each source. Allocates nothing once it has seen the frame with the most faces and
/// persons. Thread-bound.
class PersonLinker {
 public:
  /// Sets `person` of every face; absent where no person fits. Faces and persons have tracks. Call
  /// in presentation order.
  void link(std::vector<Face>& faces, const std::vector<Person>& persons, MediaTime time);

  /// Forgets who was with whom.
  void reset();

 private:
  struct Link {
    TrackId face;
    TrackId person;
    double together_s = 0;
    MediaTime last_seen;
  };

  /// The person is missed for a moment.
  bool waits(const Face& face, const std::vector<Person>& persons, MediaTime time) const;
  /// By how much a pair that was together fits better than it seems.
  float loyalty(const Face& face, const Person& person) const;
  void remember(TrackId face, TrackId person, MediaTime time);

  std::vector<Link> links_;
  std::optional<MediaTime> last_time_;
  Assignment assignment_;
  std::vector<float> costs_;  ///< Of one frame; kept for its memory.
};

}  // namespace retinue
