#include "face/action_unit_estimator.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "face/blendshape_action_units.hpp"
#include "face/running_median.hpp"

namespace retinue {

namespace {

constexpr std::chrono::seconds kForgetAfter{10};
/// A longer gap is not time for which the face was seen.
constexpr double kLongestFrameS = 0.5;
constexpr double kTrustAfterS = 2;
constexpr std::size_t kMedianBins = 256;

ActionUnitActivations neutral_of_people() {
  ActionUnitActivations neutral{};
  for (std::size_t i = 0; i < kActionUnitCount; ++i)
    neutral[i] = action_unit_scales()[i].neutral;
  return neutral;
}

}  // namespace

struct ActionUnitEstimator::Person {
  TrackId track;
  MediaTime last_seen;
  double seen_s = 0;
  std::array<RunningMedian<kMedianBins>, kActionUnitCount> medians;

  void begin(TrackId its_track, MediaTime time) {
    track = its_track;
    last_seen = time;
    seen_s = 0;
    for (auto& median : medians)
      median.reset();
  }

  void see(const ActionUnitActivations& activations, MediaTime time) {
    const double interval_s = seconds_between(last_seen, time);
    if (interval_s > 0 && interval_s <= kLongestFrameS) seen_s += interval_s;
    last_seen = time;
    for (std::size_t i = 0; i < kActionUnitCount; ++i)
      medians[i].add(activations[i]);
  }

  ActionUnitActivations neutral() const {
    ActionUnitActivations neutral{};
    const auto trust = static_cast<float>(seen_s / (seen_s + kTrustAfterS));
    for (std::size_t i = 0; i < kActionUnitCount; ++i) {
      const ActionUnitScale& scale = action_unit_scales()[i];
      const float own = std::min(medians[i].median(), scale.neutral + scale.max_shift);
      neutral[i] = std::lerp(scale.neutral, own, trust);
    }
    return neutral;
  }
};

ActionUnitEstimator::ActionUnitEstimator() = default;
ActionUnitEstimator::~ActionUnitEstimator() = default;
ActionUnitEstimator::ActionUnitEstimator(ActionUnitEstimator&&) noexcept = default;
ActionUnitEstimator& ActionUnitEstimator::operator=(ActionUnitEstimator&&) noexcept = default;

void ActionUnitEstimator::estimate(std::vector<Face>& faces, MediaTime time) {
  std::erase_if(persons_, [this, time](std::unique_ptr<Person>& person) {
    if (time.since_start - person->last_seen.since_start <= kForgetAfter) return false;
    spare_.push_back(std::move(person));
    return true;
  });
  for (Face& face : faces) {
    if (!face.blendshapes || face.landmarks.size() != kFaceLandmarkCount) continue;
    const ActionUnitActivations activations =
        action_unit_activations(*face.blendshapes, face.landmarks);
    if (!face.track) {
      face.action_units = action_units_above(neutral_of_people(), activations);
      continue;
    }
    Person& person = person_of(*face.track, time);
    person.see(activations, time);
    face.action_units = action_units_above(person.neutral(), activations);
  }
}

ActionUnitEstimator::Person& ActionUnitEstimator::person_of(TrackId track, MediaTime time) {
  const auto known =
      std::ranges::find(persons_, track, [](const auto& person) { return person->track; });
  if (known != persons_.end()) return **known;
  if (spare_.empty()) spare_.push_back(std::make_unique<Person>());
  std::unique_ptr<Person>& person = persons_.emplace_back(std::move(spare_.back()));
  spare_.pop_back();
  person->begin(track, time);
  return *person;
}

void ActionUnitEstimator::reset() {
  for (std::unique_ptr<Person>& person : persons_)
    spare_.push_back(std::move(person));
  persons_.clear();
}

}  // namespace retinue
