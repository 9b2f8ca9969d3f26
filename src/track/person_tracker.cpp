#include "track/person_tracker.hpp"

namespace retinue {

void PersonTracker::update(std::vector<Person>& persons, MediaTime time) {
  observations_.clear();
  for (const Person& person : persons)
    observations_.push_back({person.box, person.weak});
  const auto tracks = tracker_.update(observations_, time);
  for (std::size_t i = 0; i < persons.size(); ++i)
    persons[i].track = tracks[i];
  std::erase_if(persons, [](const Person& person) { return !person.track; });
}

}  // namespace retinue
