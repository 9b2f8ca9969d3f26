#include "postprocess/detr.hpp"

#include <cmath>
#include <string>
#include <string_view>

namespace retinue {

namespace {

constexpr std::string_view kModel = "rtdetr";

tl::unexpected<Error> unknown_outputs(std::span<const TensorView> outputs) {
  std::string found;
  for (const TensorView& output : outputs)
    found +=
        (found.empty() ? "" : ", ") + std::string(name_of(output.type)) + to_string(output.shape);
  return fail(ErrorCode::invalid_argument,
              "reading the outputs of rtdetr: found " + found +
                  ", need logits and boxes, or labels, boxes and scores, or both in one");
}

bool is_table(const TensorView& output) {
  return output.type == ElementType::float32 && output.shape.rank() == 3 && output.shape[0] == 1;
}

Box<TensorPx> box_of_shares(std::span<const float> shares, Size size) {
  const auto width = static_cast<float>(size.width);
  const auto height = static_cast<float>(size.height);
  return centered_box(shares[0] * width, shares[1] * height, shares[2] * width, shares[3] * height);
}

std::int64_t label_of(const TensorView& labels, std::size_t index) {
  if (labels.type == ElementType::int64) return static_cast<std::int64_t*>(labels.data)[index];
  if (labels.type == ElementType::int32) return static_cast<std::int32_t*>(labels.data)[index];
  return std::lround(labels.floats()[index]);
}

/// Scores of the class of persons and boxes, one a query.
struct Queries {
  std::size_t count = 0;
  std::size_t score_step = 0;
  std::size_t box_step = 0;
  std::span<const float> scores;  ///< From the first query's on.
  std::span<const float> boxes;
};

Result<Queries> separate_queries(std::span<const TensorView> outputs, std::size_t person_class) {
  if (!is_table(outputs[0]) || !is_table(outputs[1])) return unknown_outputs(outputs);
  const bool boxes_first = outputs[0].shape[2] == 4 && outputs[1].shape[2] != 4;
  const TensorView& logits = outputs[boxes_first ? 1 : 0];
  const TensorView& boxes = outputs[boxes_first ? 0 : 1];
  if (boxes.shape[2] != 4 || boxes.shape[1] != logits.shape[1] ||
      logits.shape[2] <= static_cast<std::int64_t>(person_class)) {
    return unknown_outputs(outputs);
  }
  return Queries{static_cast<std::size_t>(logits.shape[1]),
                 static_cast<std::size_t>(logits.shape[2]), 4,
                 logits.floats().subspan(person_class), boxes.floats()};
}

Result<Queries> joined_queries(std::span<const TensorView> outputs, std::size_t person_class) {
  if (!is_table(outputs[0]) || outputs[0].shape[2] < 5 + static_cast<std::int64_t>(person_class)) {
    return unknown_outputs(outputs);
  }
  const auto step = static_cast<std::size_t>(outputs[0].shape[2]);
  return Queries{static_cast<std::size_t>(outputs[0].shape[1]), step, step,
                 outputs[0].floats().subspan(4 + person_class), outputs[0].floats()};
}

Result<void> collect_labelled(std::span<const TensorView> outputs,
                              const PersonDetectionSettings& settings,
                              std::vector<PersonDetection>& persons) {
  const TensorView& labels = outputs[0];
  const TensorView& boxes = outputs[1];
  const TensorView& scores = outputs[2];
  const std::int64_t count = scores.shape.element_count();
  const bool whole = labels.type == ElementType::int64 || labels.type == ElementType::int32 ||
                     labels.type == ElementType::float32;
  if (!whole || labels.shape.element_count() != count || scores.type != ElementType::float32 ||
      boxes.type != ElementType::float32 || boxes.shape.element_count() != 4 * count) {
    return unknown_outputs(outputs);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const float score = scores.floats()[i];
    if (score < settings.min_score) continue;
    if (label_of(labels, i) != static_cast<std::int64_t>(settings.person_class)) continue;
    const std::span<const float> b = boxes.floats().subspan(4 * i, 4);
    persons.push_back(
        {.score = score, .box = {b[0], b[1], b[2] - b[0], b[3] - b[1]}, .keypoints = {}});
  }
  return {};
}

}  // namespace

Result<void> detr_persons(std::span<const TensorView> outputs, Size input_size,
                          const PersonDetectionSettings& settings,
                          std::vector<PersonDetection>& persons) {
  persons.clear();
  PersonDetectionSettings kept = settings;
  kept.max_iou = 1;
  if (outputs.size() == 3) {
    TRY(collect_labelled(outputs, settings, persons));
    return keep_best(persons, kept, kModel);
  }
  if (outputs.empty() || outputs.size() > 3) return unknown_outputs(outputs);
  const bool logits = outputs.size() == 2;
  const Queries queries = TRY(logits ? separate_queries(outputs, settings.person_class)
                                     : joined_queries(outputs, settings.person_class));
  for (std::size_t i = 0; i < queries.count; ++i) {
    const float value = queries.scores[i * queries.score_step];
    const float score = logits ? sigmoid(value) : value;
    // A score that is not a number goes on, to be refused with its box.
    if (score < settings.min_score) continue;
    persons.push_back(
        {.score = score,
         .box = box_of_shares(queries.boxes.subspan(i * queries.box_step, 4), input_size),
         .keypoints = {}});
  }
  return keep_best(persons, kept, kModel);
}

}  // namespace retinue
