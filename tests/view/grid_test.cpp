#include "view/grid.hpp"

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(Grid, HasAsManyColumnsAsRowsOrOneMore) {
  EXPECT_EQ(grid_of(0), (Grid{0, 0}));
  EXPECT_EQ(grid_of(1), (Grid{1, 1}));
  EXPECT_EQ(grid_of(2), (Grid{2, 1}));
  EXPECT_EQ(grid_of(3), (Grid{2, 2}));
  EXPECT_EQ(grid_of(4), (Grid{2, 2}));
  EXPECT_EQ(grid_of(5), (Grid{3, 2}));
  EXPECT_EQ(grid_of(9), (Grid{3, 3}));
  EXPECT_EQ(grid_of(16), (Grid{4, 4}));
  EXPECT_EQ(grid_of(17), (Grid{5, 4}));
}

TEST(Grid, FillsRowsFromTheTopLeft) {
  const Grid grid = grid_of(4);

  EXPECT_EQ(area_of(0, grid, {200, 100}), (CellArea{0, 0, {100, 50}}));
  EXPECT_EQ(area_of(1, grid, {200, 100}), (CellArea{100, 0, {100, 50}}));
  EXPECT_EQ(area_of(2, grid, {200, 100}), (CellArea{0, 50, {100, 50}}));
  EXPECT_EQ(area_of(3, grid, {200, 100}), (CellArea{100, 50, {100, 50}}));
}

TEST(Grid, CellsCoverAWindowOfAnySizeWithoutGaps) {
  for (const std::size_t cells : {1U, 2U, 6U, 12U, 25U}) {
    const Grid grid = grid_of(cells);
    const Size window{1003, 611};
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const CellArea area = area_of(cell, grid, window);
      const bool is_last_column = cell % static_cast<std::size_t>(grid.columns) ==
                                  static_cast<std::size_t>(grid.columns) - 1;
      const int right = area.x + area.size.width;
      if (is_last_column) {
        EXPECT_EQ(right, window.width);
      } else if (cell + 1 < cells) {
        EXPECT_EQ(area_of(cell + 1, grid, window).x, right);
      }
    }
  }
}

TEST(Fitted, KeepsTheAspectRatio) {
  EXPECT_EQ(fitted({1280, 720}, {640, 640}), (Size{640, 360}));
  EXPECT_EQ(fitted({720, 1280}, {640, 640}), (Size{360, 640}));
  EXPECT_EQ(fitted({64, 48}, {640, 480}), (Size{640, 480}));
}

TEST(Fitted, IsAtLeastAPixel) {
  EXPECT_EQ(fitted({4000, 1}, {100, 100}), (Size{100, 1}));
}

TEST(WindowSize, ShowsAPictureAtItsOwnSizeWhereThereIsRoom) {
  EXPECT_EQ(window_size_for(grid_of(1), {640, 360}, 24, {1920, 1080}), (Size{640, 384}));
}

TEST(WindowSize, ShrinksPicturesThatAreLargerThanTheScreen) {
  const Size size = window_size_for(grid_of(1), {3840, 2160}, 24, {1920, 1080});

  EXPECT_LE(size.width, 1920);
  EXPECT_LE(size.height, 1080);
  EXPECT_NEAR(size.width / static_cast<double>(size.height - 24), 16.0 / 9, 0.01);
}

TEST(WindowSize, HasRoomForEveryCell) {
  const Size size = window_size_for(grid_of(4), {1280, 720}, 24, {1920, 1080});

  EXPECT_LE(size.width, 1920);
  EXPECT_LE(size.height, 1080);
  const Size cell{size.width / 2, size.height / 2};
  EXPECT_NEAR(cell.width / static_cast<double>(cell.height - 24), 16.0 / 9, 0.01);
}

}  // namespace
}  // namespace retinue
