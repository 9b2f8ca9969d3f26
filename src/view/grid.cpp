#include "view/grid.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

Grid grid_of(std::size_t cells) {
  const auto count = static_cast<int>(cells);
  if (count == 0) return {};
  int columns = 1;
  while (columns * columns < count)
    ++columns;
  return {.columns = columns, .rows = (count + columns - 1) / columns};
}

CellArea area_of(std::size_t cell, Grid grid, Size window) {
  const int column = static_cast<int>(cell) % grid.columns;
  const int row = static_cast<int>(cell) / grid.columns;
  const int left = window.width * column / grid.columns;
  const int right = window.width * (column + 1) / grid.columns;
  const int top = window.height * row / grid.rows;
  const int bottom = window.height * (row + 1) / grid.rows;
  return {.x = left, .y = top, .size = {right - left, bottom - top}};
}

Size fitted(Size picture, Size room) {
  const double scale = std::min(static_cast<double>(room.width) / picture.width,
                                static_cast<double>(room.height) / picture.height);
  return {std::max(1, static_cast<int>(std::lround(picture.width * scale))),
          std::max(1, static_cast<int>(std::lround(picture.height * scale)))};
}

Size window_size_for(Grid grid, Size picture, int strip_px, Size screen) {
  const Size room{std::max(1, screen.width / grid.columns),
                  std::max(1, screen.height / grid.rows - strip_px)};
  const bool fits = picture.width <= room.width && picture.height <= room.height;
  const Size shown = fits ? picture : fitted(picture, room);
  return {shown.width * grid.columns, (shown.height + strip_px) * grid.rows};
}

}  // namespace retinue
