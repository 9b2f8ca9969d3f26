/// What is remembered of the persons of one source, by their tracks.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"

namespace retinue {

/// `Person` has `TrackId track`, `MediaTime last_seen`, which its user sets, and
/// `void begin(TrackId, MediaTime)`, which forgets whoever it was before. Thread-bound. Allocates
/// nothing but for more persons at a time than there were before.
template <typename Person>
class PersonMemory {
 public:
  /// Forgets those who were not seen for 10 s. Call in presentation order.
  void forget_absent(MediaTime now) {
    constexpr std::chrono::seconds kForgetAfter{10};
    std::erase_if(persons_, [&](std::unique_ptr<Person>& person) {
      if (now.since_start - person->last_seen.since_start <= kForgetAfter) return false;
      spare_.push_back(std::move(person));
      return true;
    });
  }

  /// Whoever has this track; somebody new if nobody has.
  Person& of(TrackId track, MediaTime now) {
    const auto known =
        std::ranges::find(persons_, track, [](const auto& person) { return person->track; });
    if (known != persons_.end()) return **known;
    if (spare_.empty()) spare_.push_back(std::make_unique<Person>());
    std::unique_ptr<Person>& person = persons_.emplace_back(std::move(spare_.back()));
    spare_.pop_back();
    person->begin(track, now);
    return *person;
  }

  void clear() {
    for (std::unique_ptr<Person>& person : persons_)
      spare_.push_back(std::move(person));
    persons_.clear();
  }

 private:
  std::vector<std::unique_ptr<Person>> persons_;
  std::vector<std::unique_ptr<Person>> spare_;  ///< Of those who left, for those to come.
};

}  // namespace retinue
