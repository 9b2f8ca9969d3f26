#include "postprocess/yunet_reference.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

double iou(const ReferenceFace& a, const ReferenceFace& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const double both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

std::vector<ReferenceFace> reference_yunet_faces(std::span<const TensorView> outputs, Size input,
                                                 double min_score, double max_iou) {
  std::vector<ReferenceFace> candidates;
  for (std::size_t s = 0; s < 3; ++s) {
    const int stride = 8 << s;
    const auto number = [&](std::size_t kind, std::size_t values_per_cell, std::size_t cell,
                            std::size_t value) {
      return static_cast<double>(outputs[kind * 3 + s].floats()[cell * values_per_cell + value]);
    };
    std::size_t cell = 0;
    for (int row = 0; row < input.height / stride; ++row) {
      for (int column = 0; column < input.width / stride; ++column, ++cell) {
        const double cls = std::clamp(number(0, 1, cell, 0), 0.0, 1.0);
        const double obj = std::clamp(number(1, 1, cell, 0), 0.0, 1.0);
        ReferenceFace face;
        face.score = std::sqrt(cls * obj);
        if (face.score < min_score) continue;
        const double center_x = (column + number(2, 4, cell, 0)) * stride;
        const double center_y = (row + number(2, 4, cell, 1)) * stride;
        face.width = std::exp(number(2, 4, cell, 2)) * stride;
        face.height = std::exp(number(2, 4, cell, 3)) * stride;
        face.x = center_x - face.width / 2;
        face.y = center_y - face.height / 2;
        for (std::size_t k = 0; k < 5; ++k) {
          face.keypoints.at(2 * k) = (column + number(3, 10, cell, 2 * k)) * stride;
          face.keypoints.at(2 * k + 1) = (row + number(3, 10, cell, 2 * k + 1)) * stride;
        }
        candidates.push_back(face);
      }
    }
  }
  std::vector<ReferenceFace> kept;
  while (!candidates.empty()) {
    const auto best = std::ranges::max_element(candidates, {}, &ReferenceFace::score);
    kept.push_back(*best);
    candidates.erase(best);
    std::erase_if(candidates, [&kept, max_iou](const ReferenceFace& other) {
      return iou(kept.back(), other) > max_iou;
    });
  }
  return kept;
}

}  // namespace retinue
