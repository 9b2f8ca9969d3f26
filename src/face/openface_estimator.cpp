#include "face/openface_estimator.hpp"

#include <cstdint>
#include <utility>

#include "face/openface_median.hpp"

namespace retinue {

struct OpenFaceEstimator::Person {
  std::uint64_t frames = 0;
  OpenFaceMedian median;
  OpenFaceValues rest;  ///< Of `median`.

  void reset() {
    if (frames != 0) median.reset();
    frames = 0;
  }
};

OpenFaceEstimator::OpenFaceEstimator(std::shared_ptr<const OpenFacePredictors> predictors)
    : predictors_(std::move(predictors)),
      persons_(std::make_unique<TrackMemory<Person>>(kFaceComesBackWithin)) {}
OpenFaceEstimator::~OpenFaceEstimator() = default;
OpenFaceEstimator::OpenFaceEstimator(OpenFaceEstimator&&) noexcept = default;
OpenFaceEstimator& OpenFaceEstimator::operator=(OpenFaceEstimator&&) noexcept = default;

void OpenFaceEstimator::estimate(std::vector<Face>& faces, MediaTime time,
                                 OpenFaceHistory* history) {
  persons_->forget_absent(time);
  for (Face& face : faces) {
    if (face.track) persons_->keep(*face.track, time);
    const auto measured = std::exchange(face.openface, nullptr);
    if (!measured) continue;
    if (measured->of_picture) {
      face.action_units = action_units_of(measured->values);
      continue;
    }
    if (!face.track) {
      face.action_units = predictors_->of_picture(measured->features);
      continue;
    }
    Person& person = persons_->of(*face.track, time);
    if (person.frames++ % 2 == 0) {
      person.median.add(measured->features);
      person.rest = predictors_->rest_values(person.median.median());
    }
    face.action_units = action_units_of(measured->values - person.rest);
    if (history != nullptr) history->add(*face.track, measured->values, person.rest);
  }
}

void OpenFaceEstimator::reset() {
  persons_->reset();
}

}  // namespace retinue
