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

Result<std::span<const float>> floats_of(const TensorView& output, std::int64_t count,
                                         std::string_view model) {
  if (output.type != ElementType::float32 || output.shape.element_count() != count) {
    return fail(ErrorCode::invalid_argument, "reading an output of " + std::string(model) +
                                                 ": found " + std::string(name_of(output.type)) +
                                                 to_string(output.shape) + ", need " +
                                                 std::to_string(count) + " of float32");
  }
  return output.floats();
}

Result<void> check_output_count(std::span<const TensorView> outputs, std::size_t count,
                                std::string_view model) {
  if (outputs.size() == count) return {};
  return fail(ErrorCode::invalid_argument, "reading the outputs of " + std::string(model) +
                                               ": found " + std::to_string(outputs.size()) +
                                               ", need " + std::to_string(count));
}

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
