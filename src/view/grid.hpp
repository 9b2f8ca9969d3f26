/// Where the cells of a window lie.
#pragma once

#include <cstddef>

#include "geometry/box.hpp"

namespace retinue {

/// A rectangle of whole pixels in a window.
struct CellArea {
  int x = 0;
  int y = 0;
  Size size;

  friend bool operator==(const CellArea&, const CellArea&) = default;
};

/// Cells in rows, filled from the top left: as many columns as rows, or one more.
struct Grid {
  int columns = 0;
  int rows = 0;

  friend bool operator==(const Grid&, const Grid&) = default;
};

Grid grid_of(std::size_t cells);

/// The place of a cell in a window. Cells fill the window: what does not divide evenly makes some a
/// pixel larger.
CellArea area_of(std::size_t cell, Grid grid, Size window);

/// The largest size with the aspect ratio of `picture` that fits into `room`; at least 1 x 1.
Size fitted(Size picture, Size room);

/// The window in which every cell has a strip of `strip_px` and room for `picture` at its own size;
/// where that does not fit into `screen`, the pictures are smaller.
Size window_size_for(Grid grid, Size picture, int strip_px, Size screen);

}  // namespace retinue
