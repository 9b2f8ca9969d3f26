#include "postprocess/body_pose.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "postprocess/person_detection.hpp"

namespace retinue {

namespace {

constexpr auto kKeypoints = static_cast<std::int64_t>(kBodyKeypointCount);

tl::unexpected<Error> not_finite(std::string_view model) {
  return fail(ErrorCode::corrupt_input, "reading the outputs of " + std::string(model) +
                                            ": they have numbers that are not finite");
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

/// The row of `map` that is keypoint `k`'s.
std::span<const float> row_of(std::span<const float> map, std::size_t k) {
  const std::size_t length = map.size() / kBodyKeypointCount;
  return map.subspan(k * length, length);
}

/// Which way from `at` the values rise: -1, 0 or 1.
float slope(float before, float after) {
  if (after > before) return 1;
  return after < before ? -1.0F : 0.0F;
}

}  // namespace

Result<BodyKeypoints<TensorPx>> movenet_keypoints(std::span<const TensorView> outputs,
                                                  Size input_size) {
  constexpr std::string_view kModel = "movenet";
  TRY(check_output_count(outputs, 1, kModel));
  const std::span<const float> values = TRY(floats_of(outputs[0], 3 * kKeypoints, kModel));
  if (!all_finite(values)) return not_finite(kModel);
  BodyKeypoints<TensorPx> keypoints;
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    const std::span<const float> p = values.subspan(3 * k, 3);
    keypoints[k] = {
        {p[1] * static_cast<float>(input_size.width), p[0] * static_cast<float>(input_size.height)},
        std::clamp(p[2], 0.0F, 1.0F)};
  }
  return keypoints;
}

Result<BodyKeypoints<TensorPx>> simcc_keypoints(std::span<const TensorView> outputs,
                                                Size input_size) {
  constexpr std::string_view kModel = "simcc";
  TRY(check_output_count(outputs, 2, kModel));
  const auto bins = [](const TensorView& output) {
    return output.shape.rank() == 3 ? output.shape[2] : 0;
  };
  const std::int64_t columns = bins(outputs[0]);
  const std::int64_t rows = bins(outputs[1]);
  if (columns <= 0 || columns % input_size.width != 0 ||
      columns / input_size.width * input_size.height != rows) {
    return fail(ErrorCode::invalid_argument,
                "reading the outputs of simcc: found " + to_string(outputs[0].shape) + " and " +
                    to_string(outputs[1].shape) + " for an input of " +
                    std::to_string(input_size.width) + "x" + std::to_string(input_size.height) +
                    ", need columns and rows in the same number of bins a pixel");
  }
  const std::span<const float> x = TRY(floats_of(outputs[0], kKeypoints * columns, kModel));
  const std::span<const float> y = TRY(floats_of(outputs[1], kKeypoints * rows, kModel));
  if (!all_finite(x) || !all_finite(y)) return not_finite(kModel);
  const auto bins_per_pixel = static_cast<float>(columns / input_size.width);
  BodyKeypoints<TensorPx> keypoints;
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    const std::span<const float> xs = row_of(x, k);
    const std::span<const float> ys = row_of(y, k);
    const auto best_x = std::max_element(xs.begin(), xs.end());
    const auto best_y = std::max_element(ys.begin(), ys.end());
    keypoints[k] = {{static_cast<float>(best_x - xs.begin()) / bins_per_pixel + 0.5F,
                     static_cast<float>(best_y - ys.begin()) / bins_per_pixel + 0.5F},
                    std::clamp(std::min(*best_x, *best_y), 0.0F, 1.0F)};
  }
  return keypoints;
}

Result<BodyKeypoints<TensorPx>> heatmap_keypoints(std::span<const TensorView> outputs,
                                                  Size input_size) {
  constexpr std::string_view kModel = "pose_heatmaps";
  TRY(check_output_count(outputs, 1, kModel));
  const Shape& shape = outputs[0].shape;
  if (shape.rank() != 4 || shape[1] != kKeypoints || shape[2] <= 0 || shape[3] <= 0) {
    return fail(ErrorCode::invalid_argument, "reading an output of pose_heatmaps: found " +
                                                 to_string(shape) + ", need [1, 17, h, w]");
  }
  const std::int64_t rows = shape[2];
  const std::int64_t columns = shape[3];
  const std::span<const float> values =
      TRY(floats_of(outputs[0], kKeypoints * rows * columns, kModel));
  if (!all_finite(values)) return not_finite(kModel);
  const float pixels_per_column =
      static_cast<float>(input_size.width) / static_cast<float>(columns);
  const float pixels_per_row = static_cast<float>(input_size.height) / static_cast<float>(rows);
  BodyKeypoints<TensorPx> keypoints;
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    const std::span<const float> map = row_of(values, k);
    const auto at = [&](std::int64_t row, std::int64_t column) {
      return map[static_cast<std::size_t>(row * columns + column)];
    };
    const std::int64_t best = std::max_element(map.begin(), map.end()) - map.begin();
    const std::int64_t row = best / columns;
    const std::int64_t column = best % columns;
    auto x = static_cast<float>(column);
    auto y = static_cast<float>(row);
    // At the map's edge there is only one neighbour to go by.
    if (column > 0 && column + 1 < columns)
      x += 0.25F * slope(at(row, column - 1), at(row, column + 1));
    if (row > 0 && row + 1 < rows) y += 0.25F * slope(at(row - 1, column), at(row + 1, column));
    keypoints[k] = {{x * pixels_per_column + 0.5F, y * pixels_per_row + 0.5F},
                    std::clamp(at(row, column), 0.0F, 1.0F)};
  }
  return keypoints;
}

}  // namespace retinue
