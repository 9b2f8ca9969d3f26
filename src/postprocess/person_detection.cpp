#include "postprocess/person_detection.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "postprocess/non_maximum_suppression.hpp"

namespace retinue {

namespace {

bool is_finite(const PersonDetection& person) {
  const Box<TensorPx>& box = person.box;
  const bool finite = std::isfinite(person.score) && std::isfinite(box.x) && std::isfinite(box.y) &&
                      std::isfinite(box.width) && std::isfinite(box.height);
  return finite && (!person.keypoints ||
                    std::ranges::all_of(*person.keypoints, [](const ScoredPoint<TensorPx>& p) {
                      return std::isfinite(p.at.x) && std::isfinite(p.at.y) &&
                             std::isfinite(p.score);
                    }));
}

}  // namespace

Result<void> keep_best(std::vector<PersonDetection>& persons,
                       const PersonDetectionSettings& settings, std::string_view model) {
  if (!std::ranges::all_of(persons, is_finite)) {
    return fail(ErrorCode::corrupt_input, "reading the outputs of " + std::string(model) +
                                              ": a person has numbers that are not finite");
  }
  suppress_non_maxima(persons, settings.max_iou, settings.max_persons);
  return {};
}

}  // namespace retinue
