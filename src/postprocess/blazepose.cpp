#include "postprocess/blazepose.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "postprocess/anchor_grid.hpp"
#include "postprocess/model_outputs.hpp"

namespace retinue {

namespace {

constexpr std::string_view kModel = "blazepose";
constexpr int kInputSide = 224;
constexpr std::size_t kPointCount = 39;
constexpr std::size_t kValuesPerAnchor = 12;

constexpr std::array kGrids = {AnchorGrid{8, 2}, AnchorGrid{16, 2}, AnchorGrid{32, 6}};
constexpr std::size_t kAnchorCount = anchor_count(kInputSide, kGrids);
static_assert(kAnchorCount == 2254);

}  // namespace

Result<void> blazepose_persons(std::span<const TensorView> outputs,
                               const PersonDetectionSettings& settings,
                               std::vector<PersonDetection>& persons) {
  persons.clear();
  const auto regressors = output_of_size(outputs, kAnchorCount * kValuesPerAnchor);
  const auto logits = output_of_size(outputs, kAnchorCount);
  if (outputs.size() != 2 || !regressors || !logits) {
    return fail(ErrorCode::invalid_argument,
                "reading the outputs of blazepose's detector: need float32 [1, 2254, 12] and "
                "[1, 2254, 1]");
  }
  for_each_anchor(kInputSide, kGrids, [&](std::size_t index, Point<TensorPx> anchor) {
    const float score = sigmoid((*logits)[index]);
    // A score that is not a number goes on, to be refused with its box.
    if (score < settings.min_score) return;
    const std::span<const float> r =
        regressors->subspan(index * kValuesPerAnchor, kValuesPerAnchor);
    const Point<TensorPx> center = anchor + Point<TensorPx>{r[4], r[5]};
    const Point<TensorPx> rim = anchor + Point<TensorPx>{r[6], r[7]};
    const float side = 2 * distance(center, rim);
    persons.push_back(
        {.score = score, .box = centered_box(center.x, center.y, side, side), .keypoints = {}});
  });
  return keep_best(persons, settings, kModel);
}

Result<BodyLandmarks<TensorPx>> blazepose_landmarks(std::span<const TensorView> outputs) {
  const auto points = output_of_size(outputs, 5 * kPointCount);
  const auto world = output_of_size(outputs, 3 * kPointCount);
  const auto presence = output_of_size(outputs, 1);
  if (!points || !world || !presence) {
    return fail(ErrorCode::invalid_argument,
                "reading blazepose's landmarks: need float32 outputs of 195, 117 and 1 numbers");
  }
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(*points, finite) || !std::ranges::all_of(*world, finite) ||
      !finite(presence->front())) {
    return fail(ErrorCode::corrupt_input,
                "reading blazepose's landmarks: they have numbers that are not finite");
  }
  BodyLandmarks<TensorPx> landmarks;
  landmarks.presence = std::clamp(presence->front(), 0.0F, 1.0F);
  for (std::size_t i = 0; i < kBodyLandmarkCount; ++i) {
    const std::span<const float> p = points->subspan(5 * i, 5);
    const std::span<const float> w = world->subspan(3 * i, 3);
    landmarks.points[i] = {p[0], p[1], p[2]};
    landmarks.visibility[i] = sigmoid(p[3]);
    landmarks.world_m[i] = {w[0], w[1], w[2]};
  }
  return landmarks;
}

}  // namespace retinue
