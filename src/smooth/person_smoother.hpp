/// Smooths what is measured of persons, track by track.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "perception/person.hpp"
#include "perception/track_memory.hpp"

namespace retinue {

/// One for each source; its filters live as long as the tracks that they belong to. Box, keypoints
/// and, of models that have them, the landmarks of the body pass One-Euro filters; scores stay the
/// models' own.
///
/// Thread-bound.
class PersonSmoother {
 public:
  PersonSmoother();
  ~PersonSmoother();
  PersonSmoother(PersonSmoother&&) noexcept;
  PersonSmoother& operator=(PersonSmoother&&) noexcept;
  PersonSmoother(const PersonSmoother&) = delete;
  PersonSmoother& operator=(const PersonSmoother&) = delete;

  /// Smooths in place. Persons without a track are left alone. A track that was away for longer
  /// than half a second starts anew.
  void smooth(std::vector<Person>& persons, MediaTime time);

  /// Forgets everything: the source's times do not follow one another.
  void reset();

 private:
  struct PersonFilters;

  std::unique_ptr<TrackMemory<PersonFilters>> filters_;
};

}  // namespace retinue
