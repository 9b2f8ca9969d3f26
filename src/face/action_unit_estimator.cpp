#include "face/action_unit_estimator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "face/blendshape_action_units.hpp"
#include "face/running_median.hpp"

namespace retinue {

namespace {

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
  std::optional<MediaTime> last_measured;
  double seen_s = 0;
  std::array<RunningMedian<kMedianBins>, kActionUnitCount> medians;

  void reset() {
    last_measured.reset();
    seen_s = 0;
    for (auto& median : medians)
      median.reset();
  }

  void see(const ActionUnitActivations& activations, MediaTime time) {
    const double interval_s = last_measured ? seconds_between(*last_measured, time) : 0;
    if (interval_s > 0 && interval_s <= kLongestFrameS) seen_s += interval_s;
    last_measured = time;
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

ActionUnitEstimator::ActionUnitEstimator()
    : persons_(std::make_unique<TrackMemory<Person>>(kFaceComesBackWithin)) {}
ActionUnitEstimator::~ActionUnitEstimator() = default;
ActionUnitEstimator::ActionUnitEstimator(ActionUnitEstimator&&) noexcept = default;
ActionUnitEstimator& ActionUnitEstimator::operator=(ActionUnitEstimator&&) noexcept = default;

void ActionUnitEstimator::estimate(std::vector<Face>& faces, MediaTime time) {
  persons_->forget_absent(time);
  for (Face& face : faces) {
    if (face.track) persons_->keep(*face.track, time);
    if (!face.blendshapes || face.landmarks.size() != kFaceLandmarkCount) continue;
    const ActionUnitActivations activations =
        action_unit_activations(*face.blendshapes, face.landmarks);
    if (!face.track) {
      face.action_units = action_units_above(neutral_of_people(), activations);
      continue;
    }
    Person& person = persons_->of(*face.track, time);
    person.see(activations, time);
    face.action_units = action_units_above(person.neutral(), activations);
  }
}

void ActionUnitEstimator::reset() {
  persons_->reset();
}

}  // namespace retinue
