/// Greedy non-maximum suppression: of detections that overlap, the best scored stays.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "geometry/box.hpp"

namespace retinue {

/// Keeps, best score first, each detection that overlaps no kept one by more than `max_iou`, up to
/// `max_count`. Equal scores keep their order, so the answer depends on the detections alone.
///
/// `Detection` has `score` and `box`. Allocates nothing: instead of sorting all, each round takes
/// the best of what is left and throws out what that covers.
template <typename Detection>
void suppress_non_maxima(std::vector<Detection>& detections, float max_iou, std::size_t max_count) {
  auto kept = detections.begin();
  for (std::size_t count = 0; count < max_count && kept != detections.end(); ++count) {
    const auto best =
        std::max_element(kept, detections.end(),
                         [](const Detection& a, const Detection& b) { return a.score < b.score; });
    std::rotate(kept, best, best + 1);
    const auto covered = [&best = *kept, max_iou](const Detection& other) {
      return iou(best.box, other.box) > max_iou;
    };
    ++kept;
    detections.erase(std::remove_if(kept, detections.end(), covered), detections.end());
  }
  detections.erase(kept, detections.end());
}

}  // namespace retinue
