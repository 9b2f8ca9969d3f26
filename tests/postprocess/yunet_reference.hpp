/// YuNet's published postprocessing, written to be obvious: double precision, one cell after the
/// other, and a suppression that picks the best face left until none is left.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "geometry/box.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct ReferenceFace {
  double score = 0;
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  std::array<double, 10> keypoints{};  ///< x, y of each.
};

double iou(const ReferenceFace& a, const ReferenceFace& b);

/// `outputs` as for yunet_faces.
std::vector<ReferenceFace> reference_yunet_faces(std::span<const TensorView> outputs, Size input,
                                                 double min_score, double max_iou);

}  // namespace retinue
