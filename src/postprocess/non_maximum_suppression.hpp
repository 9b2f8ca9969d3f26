/// Greedy non-maximum suppression: of detections that overlap, the best scored stays.
#pragma once

#include <algorithm>
#include <vector>

#include "geometry/box.hpp"

namespace retinue {

/// Keeps, best score first, each detection that overlaps no kept one by more than `max_iou`, up to
/// `max_count`. Equal scores keep their order, so the answer depends on the detections alone.
///
/// `Detection` has `score` and `box`.
template <typename Detection>
void suppress_non_maxima(std::vector<Detection>& detections, float max_iou, std::size_t max_count) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < detections.size() && kept < max_count; ++i) {
    const bool covered = std::any_of(
        detections.begin(), detections.begin() + static_cast<std::ptrdiff_t>(kept),
        [&](const Detection& better) { return iou(better.box, detections[i].box) > max_iou; });
    if (covered) continue;
    if (kept != i) detections[kept] = std::move(detections[i]);
    ++kept;
  }
  detections.erase(detections.begin() + static_cast<std::ptrdiff_t>(kept), detections.end());
}

}  // namespace retinue
