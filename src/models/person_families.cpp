#include "models/person_families.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "models/class_names.hpp"
#include "models/signature_checks.hpp"

namespace retinue {
namespace {

constexpr std::int64_t kKeypoints = 17;
constexpr std::int64_t kMaxQueries = 2000;  // DETR-like models have 100 to 1000.

std::optional<std::int64_t> axis(const ModelTensor& tensor, std::size_t i) {
  return i < tensor.axes.size() ? tensor.axes[i].size : std::nullopt;
}

bool has_rank(const ModelTensor& tensor, std::size_t rank) {
  return is_float(tensor) && tensor.axes.size() == rank;
}

/// Either layout; bytes, too.
bool takes_picture_of_fixed_size(const ModelSignature& signature) {
  if (signature.inputs.size() != 1) return false;
  const ModelTensor& input = signature.inputs[0];
  if (input.axes.size() != 4) return false;
  if (!is_float(input) && input.element != ModelElementType::uint8) return false;
  if (axis(input, 1) == 3) return axis(input, 2) && axis(input, 3);
  return axis(input, 3) == 3 && axis(input, 1) && axis(input, 2);
}

/// Cells of the maps of these strides; nullopt: the input's size is open.
std::optional<std::int64_t> cell_count(const ModelSignature& signature,
                                       std::initializer_list<std::int64_t> strides) {
  const std::optional<std::int64_t> height = axis(signature.inputs[0], 2);
  const std::optional<std::int64_t> width = axis(signature.inputs[0], 3);
  if (!height || !width || *height > 1 << 15 || *width > 1 << 15) return std::nullopt;
  std::int64_t sum = 0;
  for (const std::int64_t s : strides)
    sum += ((*height + s - 1) / s) * ((*width + s - 1) / s);
  return sum;
}

/// The one output [N, rows, columns] of a detector; null: there is none.
const ModelTensor* only_table(const ModelSignature& signature) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != 1) return nullptr;
  const ModelTensor& output = signature.outputs[0];
  return has_rank(output, 3) ? &output : nullptr;
}

/// Whether an axis may count the cells of three strides (or four), `per_cell` times.
bool counts_cells(const ModelSignature& signature, std::optional<std::int64_t> size,
                  std::int64_t per_cell) {
  const std::optional<std::int64_t> three = cell_count(signature, {8, 16, 32});
  const std::optional<std::int64_t> four = cell_count(signature, {8, 16, 32, 64});
  if (!three || !size) return !size;
  return *size == per_cell * *three || *size == per_cell * *four;
}

bool is_ultralytics(const ModelSignature& signature) {
  return metadata_of(signature, "names") || metadata_of(signature, "stride");
}

bool has_task(const ModelSignature& signature, std::string_view task) {
  return metadata_of(signature, "task").value_or(task) == task;
}

/// Keypoints as the metadata says, if it does: "[17, 3]".
bool allows_keypoints(const ModelSignature& signature) {
  const std::optional<std::string_view> shape = metadata_of(signature, "kpt_shape");
  return !shape || shape->starts_with("[17,") || shape->starts_with("(17,");
}

/// Whether an output is of real numbers, so many in a batch of one.
bool has_elements(const ModelTensor& output, std::int64_t elements) {
  if (!is_float(output) || output.axes.empty()) return false;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < output.axes.size(); ++i) {
    const bool batch = i == 0 && output.axes.size() > 1;
    const std::int64_t size = output.axes[i].size.value_or(batch ? 1 : 0);
    if (size <= 0 || size > 1 << 20 || count > 1 << 20) return false;
    count *= size;
  }
  return count == elements;
}

bool has_output_elements(const ModelSignature& signature, std::int64_t elements) {
  return std::ranges::any_of(
      signature.outputs, [&](const ModelTensor& output) { return has_elements(output, elements); });
}

/// The heads of "Generalized Focal Loss", 8 bins a side, on maps of `levels` strides from 8 on.
bool has_focal_heads(const ModelSignature& signature, std::size_t levels) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != 2 * levels) return false;
  for (std::size_t level = 0; level < levels; ++level) {
    const ModelTensor& scores = signature.outputs[level];
    const ModelTensor& boxes = signature.outputs[levels + level];
    const std::optional<std::int64_t> cells = cell_count(signature, {std::int64_t{8} << level});
    if (!cells || !has_rank(scores, 3) || !has_rank(boxes, 3)) return false;
    if (axis(scores, 1) != cells || axis(boxes, 1) != cells) return false;
    if (!axis(scores, 2) || axis(boxes, 2) != 32) return false;
  }
  return true;
}

/// A row of box, objectness and classes for each cell, as YOLOX has them.
bool has_rows_of_yolox(const ModelSignature& signature) {
  const ModelTensor* output = only_table(signature);
  if (output == nullptr || is_ultralytics(signature)) return false;
  const std::optional<std::int64_t> values = axis(*output, 2);
  return values && *values >= 6 &&
         (axis(*output, 1) ? axis(*output, 1) == cell_count(signature, {8, 16, 32})
                           : *values != 6 && *values != 6 + 3 * kKeypoints);
}

}  // namespace

bool is_yolox(const ModelSignature& signature) {
  return has_rows_of_yolox(signature) && !signature.has_tail_operator("Exp");
}

bool is_yolox_decoded(const ModelSignature& signature) {
  return has_rows_of_yolox(signature) && signature.has_tail_operator("Exp");
}

bool is_nanodet(const ModelSignature& signature) {
  return has_focal_heads(signature, 3);
}

bool is_picodet(const ModelSignature& signature) {
  return has_focal_heads(signature, 4);
}

bool is_fastestdet(const ModelSignature& signature) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != 1) return false;
  const ModelTensor& output = signature.outputs[0];
  const std::optional<std::int64_t> height = axis(signature.inputs[0], 2);
  const std::optional<std::int64_t> width = axis(signature.inputs[0], 3);
  return has_rank(output, 4) && height && width && axis(output, 1).value_or(0) >= 6 &&
         axis(output, 2) == *height / 16 && axis(output, 3) == *width / 16;
}

bool is_yolov5(const ModelSignature& signature) {
  const ModelTensor* output = only_table(signature);
  if (output == nullptr || !has_task(signature, "detect")) return false;
  const std::optional<std::int64_t> values = axis(*output, 2);
  if (!values || *values < 6) return false;
  if (axis(*output, 1) && cell_count(signature, {8})) {
    return counts_cells(signature, axis(*output, 1), 3);
  }
  // With open axes only the exporter's word is left.
  const auto classes = static_cast<std::int64_t>(class_names(signature).size());
  return is_ultralytics(signature) && classes > 0 && *values == 5 + classes;
}

bool is_yolov8(const ModelSignature& signature) {
  const ModelTensor* output = only_table(signature);
  if (output == nullptr || !has_task(signature, "detect")) return false;
  const std::optional<std::int64_t> values = axis(*output, 1);
  if (!values || *values < 5 || metadata_of(signature, "kpt_shape")) return false;
  const auto classes = static_cast<std::int64_t>(class_names(signature).size());
  if (classes > 0) return *values == 4 + classes && counts_cells(signature, axis(*output, 2), 1);
  return !is_yolo_pose(signature) && counts_cells(signature, axis(*output, 2), 1);
}

bool is_yolov10(const ModelSignature& signature) {
  const ModelTensor* output = only_table(signature);
  if (output == nullptr || !has_task(signature, "detect")) return false;
  return axis(*output, 2) == 6 && axis(*output, 1).value_or(1) <= kMaxQueries &&
         !is_yolov5(signature);
}

bool is_yolo_pose(const ModelSignature& signature) {
  const ModelTensor* output = only_table(signature);
  if (output == nullptr || !has_task(signature, "pose") || !allows_keypoints(signature))
    return false;
  const std::optional<std::int64_t> rows = axis(*output, 1);
  const bool says_so = metadata_of(signature, "kpt_shape") || metadata_of(signature, "task");
  const bool fits = rows == 5 + 3 * kKeypoints || (says_so && rows == 5 + 2 * kKeypoints);
  return fits && counts_cells(signature, axis(*output, 2), 1);
}

bool is_yolov10_pose(const ModelSignature& signature) {
  const ModelTensor* output = only_table(signature);
  return output != nullptr && has_task(signature, "pose") && allows_keypoints(signature) &&
         axis(*output, 2) == 6 + 3 * kKeypoints && axis(*output, 1).value_or(1) <= kMaxQueries;
}

bool is_rtdetr(const ModelSignature& signature) {
  if (signature.inputs.empty() || signature.inputs.size() > 2) return false;
  const ModelTensor& input = signature.inputs[0];
  if (!has_rank(input, 4) || axis(input, 1) != 3) return false;
  const auto& outputs = signature.outputs;
  const bool asks_for_size = signature.inputs.size() == 2;
  if (asks_for_size && (signature.inputs[1].element != ModelElementType::int64 ||
                        axis(signature.inputs[1], signature.inputs[1].axes.size() - 1) != 2)) {
    return false;
  }
  if (outputs.size() == 3) {
    // With the sizes of the pictures as a second input, boxes come in their pixels.
    return asks_for_size && is_float(outputs[1]) && outputs[1].axes.size() == 3 &&
           axis(outputs[1], 2) == 4 && has_rank(outputs[2], 2) && outputs[0].axes.size() == 2;
  }
  if (asks_for_size) return false;
  if (outputs.size() == 2) {
    if (!has_rank(outputs[0], 3) || !has_rank(outputs[1], 3)) return false;
    const std::optional<std::int64_t> first = axis(outputs[0], 2);
    const std::optional<std::int64_t> second = axis(outputs[1], 2);
    // 91 and 92 classes are those of the first DETR: a softmax with "no object", other indices.
    const std::optional<std::int64_t> classes = first == 4 ? second : first;
    return (first == 4) != (second == 4) && classes && *classes != 91 && *classes != 92 &&
           axis(outputs[0], 1).value_or(1) <= kMaxQueries;
  }
  const ModelTensor* output = only_table(signature);
  if (output == nullptr || !has_task(signature, "detect")) return false;
  const auto classes = static_cast<std::int64_t>(class_names(signature).size());
  const std::optional<std::int64_t> values = axis(*output, 2);
  return axis(*output, 1) && *axis(*output, 1) <= kMaxQueries && values &&
         (classes > 0 ? *values == 4 + classes : *values == 84);
}

bool is_blazepose_detector(const ModelSignature& signature) {
  return takes_planar_picture(signature) && signature.outputs.size() == 2 &&
         axis(signature.inputs[0], 2) == 224 && axis(signature.inputs[0], 3) == 224 &&
         has_output_elements(signature, std::int64_t{2254} * 12) &&
         has_output_elements(signature, 2254);
}

bool is_movenet(const ModelSignature& signature) {
  return takes_picture_of_fixed_size(signature) && signature.outputs.size() == 1 &&
         has_output_elements(signature, 3 * kKeypoints) &&
         signature.outputs[0].axes.back().size == 3;
}

bool is_simcc(const ModelSignature& signature) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != 2) return false;
  const ModelTensor& x = signature.outputs[0];
  const ModelTensor& y = signature.outputs[1];
  const std::optional<std::int64_t> height = axis(signature.inputs[0], 2);
  const std::optional<std::int64_t> width = axis(signature.inputs[0], 3);
  if (!has_rank(x, 3) || !has_rank(y, 3) || !height || !width) return false;
  const std::optional<std::int64_t> columns = axis(x, 2);
  const std::optional<std::int64_t> rows = axis(y, 2);
  return axis(x, 1) == kKeypoints && axis(y, 1) == kKeypoints && columns && rows &&
         *columns % *width == 0 && *columns / *width * *height == *rows;
}

bool is_pose_heatmaps(const ModelSignature& signature) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != 1) return false;
  const ModelTensor& output = signature.outputs[0];
  const std::optional<std::int64_t> height = axis(signature.inputs[0], 2);
  const std::optional<std::int64_t> width = axis(signature.inputs[0], 3);
  return has_rank(output, 4) && height && width && axis(output, 1) == kKeypoints &&
         axis(output, 2) && axis(output, 3) && *height % *axis(output, 2) == 0 &&
         *height / *axis(output, 2) * *axis(output, 3) == *width;
}

bool is_blazepose_landmarks(const ModelSignature& signature) {
  return takes_picture_of_fixed_size(signature) && has_output_elements(signature, 195) &&
         has_output_elements(signature, 117) && has_output_elements(signature, 1);
}

bool is_read_of_blazepose_landmarks(const ModelSignature& signature, std::size_t output) {
  const ModelTensor& tensor = signature.outputs[output];
  return has_elements(tensor, 195) || has_elements(tensor, 117) || has_elements(tensor, 1);
}

}  // namespace retinue
