/// The outline of a tensor in a grid: which columns of which rows its pixels need.
#pragma once

#include <array>

#include "preprocess/cpu/component_group.hpp"

namespace retinue {

struct ColumnRange {
  int first = 0;
  int last = 0;  ///< Not included.
};

class TensorOutline {
 public:
  /// `from_tensor` leads to a grid of `grid` samples in which bilinear taps are taken.
  TensorOutline(const Affine<ComponentPx, TensorPx>& from_tensor, Size tensor, Size grid);

  /// The columns of row `row` that are taps of any pixel, and perhaps some neighbours. Pixels
  /// beyond the grid need its edge.
  ColumnRange columns(int row) const;

 private:
  struct Corner {
    double x = 0;
    double y = 0;
  };

  std::array<Corner, 4> corners_;  ///< Centres of the corner pixels, in order; samples are at +0.
  Size grid_;
};

}  // namespace retinue
