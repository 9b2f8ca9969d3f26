#include "postprocess/yolo.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace retinue {

namespace {

/// An output as a table. `shape`: [1, rows, columns].
struct Table {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::span<const float> values;
};

Result<Table> table_of(std::span<const TensorView> outputs, std::string_view model) {
  TRY(check_output_count(outputs, 1, model));
  const Shape& shape = outputs[0].shape;
  if (shape.rank() != 3 || shape[0] != 1) {
    return fail(ErrorCode::invalid_argument, "reading an output of " + std::string(model) +
                                                 ": found " + to_string(shape) +
                                                 ", need three axes, the first of 1");
  }
  const std::span<const float> values = TRY(floats_of(outputs[0], shape.element_count(), model));
  return Table{static_cast<std::size_t>(shape[1]), static_cast<std::size_t>(shape[2]), values};
}

tl::unexpected<Error> too_few(const TensorView& output, std::string_view model,
                              std::string_view needed) {
  return fail(ErrorCode::invalid_argument, "reading an output of " + std::string(model) +
                                               ": found " + to_string(output.shape) + ", need " +
                                               std::string(needed));
}

/// Rows of centre, size, objectness and classes.
Result<void> persons_of_rows(std::span<const TensorView> outputs, std::string_view model,
                             const PersonDetectionSettings& settings,
                             std::vector<PersonDetection>& persons) {
  persons.clear();
  const Table table = TRY(table_of(outputs, model));
  if (table.columns < 6 + settings.person_class)
    return too_few(outputs[0], model, "[1, N, 5 + classes]");
  for (std::size_t row = 0; row < table.rows; ++row) {
    const std::span<const float> r = table.values.subspan(row * table.columns, table.columns);
    const float score = r[4] * r[5 + settings.person_class];
    // A score that is not a number goes on, to be refused with its box; here and below.
    if (score < settings.min_score) continue;
    persons.push_back(
        {.score = score, .box = centered_box(r[0], r[1], r[2], r[3]), .keypoints = {}});
  }
  return keep_best(persons, settings, model);
}

}  // namespace

Result<void> yolov5_persons(std::span<const TensorView> outputs,
                            const PersonDetectionSettings& settings,
                            std::vector<PersonDetection>& persons) {
  return persons_of_rows(outputs, "yolov5", settings, persons);
}

Result<void> yolox_decoded_persons(std::span<const TensorView> outputs,
                                   const PersonDetectionSettings& settings,
                                   std::vector<PersonDetection>& persons) {
  return persons_of_rows(outputs, "yolox", settings, persons);
}

Result<void> yolov8_persons(std::span<const TensorView> outputs,
                            const PersonDetectionSettings& settings,
                            std::vector<PersonDetection>& persons) {
  constexpr std::string_view kModel = "yolov8";
  persons.clear();
  const Table table = TRY(table_of(outputs, kModel));
  if (table.rows < 5 + settings.person_class)
    return too_few(outputs[0], kModel, "[1, 4 + classes, N]");
  const auto row = [&table](std::size_t i) {
    return table.values.subspan(i * table.columns, table.columns);
  };
  const std::span<const float> scores = row(4 + settings.person_class);
  for (std::size_t i = 0; i < table.columns; ++i) {
    if (scores[i] < settings.min_score) continue;
    persons.push_back({.score = scores[i],
                       .box = centered_box(row(0)[i], row(1)[i], row(2)[i], row(3)[i]),
                       .keypoints = {}});
  }
  return keep_best(persons, settings, kModel);
}

Result<void> yolov10_persons(std::span<const TensorView> outputs,
                             const PersonDetectionSettings& settings,
                             std::vector<PersonDetection>& persons) {
  constexpr std::string_view kModel = "yolov10";
  constexpr std::size_t kDetectionColumns = 6;
  persons.clear();
  const Table table = TRY(table_of(outputs, kModel));
  const bool with_pose = table.columns == kDetectionColumns + 3 * kBodyKeypointCount;
  if (table.columns != kDetectionColumns && !with_pose)
    return too_few(outputs[0], kModel, "[1, N, 6] or [1, N, 57]");
  for (std::size_t row = 0; row < table.rows; ++row) {
    const std::span<const float> r = table.values.subspan(row * table.columns, table.columns);
    if (r[4] < settings.min_score) continue;
    if (std::lround(r[5]) != static_cast<long>(settings.person_class)) continue;
    PersonDetection& person = persons.emplace_back();
    person.score = r[4];
    person.box = {r[0], r[1], r[2] - r[0], r[3] - r[1]};
    if (!with_pose) continue;
    person.keypoints.emplace();
    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
      const std::span<const float> p = r.subspan(kDetectionColumns + 3 * k, 3);
      (*person.keypoints)[k] = {{p[0], p[1]}, p[2]};
    }
  }
  PersonDetectionSettings end_to_end = settings;
  end_to_end.max_iou = 1;
  return keep_best(persons, end_to_end, kModel);
}

Result<void> yolo_pose_persons(std::span<const TensorView> outputs,
                               const PersonDetectionSettings& settings,
                               std::vector<PersonDetection>& persons) {
  constexpr std::string_view kModel = "yolo_pose";
  constexpr std::size_t kBoxRows = 5;
  persons.clear();
  const Table table = TRY(table_of(outputs, kModel));
  const bool with_scores = table.rows == kBoxRows + 3 * kBodyKeypointCount;
  if (!with_scores && table.rows != kBoxRows + 2 * kBodyKeypointCount)
    return too_few(outputs[0], kModel, "[1, 56, N] or [1, 39, N]");
  const auto value = [&table](std::size_t row, std::size_t i) {
    return table.values[row * table.columns + i];
  };
  const std::size_t stride = with_scores ? 3 : 2;
  for (std::size_t i = 0; i < table.columns; ++i) {
    const float score = value(4, i);
    if (score < settings.min_score) continue;
    PersonDetection& person = persons.emplace_back();
    person.score = score;
    person.box = centered_box(value(0, i), value(1, i), value(2, i), value(3, i));
    person.keypoints.emplace();
    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
      const std::size_t row = kBoxRows + stride * k;
      (*person.keypoints)[k] = {{value(row, i), value(row + 1, i)},
                                with_scores ? value(row + 2, i) : score};
    }
  }
  return keep_best(persons, settings, kModel);
}

}  // namespace retinue
