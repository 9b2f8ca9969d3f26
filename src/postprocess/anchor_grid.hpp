/// The anchors of MediaPipe's single-shot detectors.
#pragma once

#include <cstddef>
#include <span>

#include "geometry/point.hpp"
#include "geometry/space.hpp"

namespace retinue {

/// A map with several anchors at the centre of each cell. They have no size: the models' numbers
/// are in pixels of the input.
struct AnchorGrid {
  int stride;
  std::size_t anchors_per_cell;
};

constexpr std::size_t anchor_count(int input_side, std::span<const AnchorGrid> grids) {
  std::size_t count = 0;
  for (const AnchorGrid& grid : grids) {
    const auto cells_per_side = static_cast<std::size_t>(input_side / grid.stride);
    count += cells_per_side * cells_per_side * grid.anchors_per_cell;
  }
  return count;
}

/// Calls `visit(index, centre)` for each anchor in the models' order: grid by grid, row by row.
/// The input is square.
template <typename Visit>
void for_each_anchor(int input_side, std::span<const AnchorGrid> grids, const Visit& visit) {
  std::size_t index = 0;
  for (const AnchorGrid& grid : grids) {
    const int cells_per_side = input_side / grid.stride;
    for (int row = 0; row < cells_per_side; ++row) {
      for (int column = 0; column < cells_per_side; ++column) {
        const auto s = static_cast<float>(grid.stride);
        const Point<TensorPx> center{(static_cast<float>(column) + 0.5F) * s,
                                     (static_cast<float>(row) + 0.5F) * s};
        for (std::size_t i = 0; i < grid.anchors_per_cell; ++i)
          visit(index++, center);
      }
    }
  }
}

}  // namespace retinue
