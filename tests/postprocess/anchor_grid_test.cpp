#include "postprocess/anchor_grid.hpp"

#include <array>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "media/default_models.hpp"

namespace retinue {
namespace {

TEST(AnchorGrid, GoesGridByGridRowByRowThroughTheCells) {
  constexpr std::array kGrids = {AnchorGrid{8, 1}, AnchorGrid{16, 2}};
  std::vector<Point<TensorPx>> centers;
  for_each_anchor(16, kGrids, [&centers](std::size_t index, Point<TensorPx> center) {
    EXPECT_EQ(index, centers.size());
    centers.push_back(center);
  });
  EXPECT_EQ(centers,
            (std::vector<Point<TensorPx>>{{4, 4}, {12, 4}, {4, 12}, {12, 12}, {8, 8}, {8, 8}}));
  EXPECT_EQ(anchor_count(16, kGrids), centers.size());
}

class AnchorGridGolden : public MirrorTest {};

/// Of the first version of MediaPipe's face detector: the file has a centre, a width of 1 and a
/// height of 1 a row, in shares of the input's side.
TEST_F(AnchorGridGolden, HasTheAnchorsOfMediapipe) {
  std::ifstream file(media("golden/mediapipe/anchor_golden_file_0.txt"));
  constexpr int kSide = 256;
  constexpr std::array kGrids = {AnchorGrid{8, 2}, AnchorGrid{16, 2}, AnchorGrid{32, 6}};
  ASSERT_EQ(anchor_count(kSide, kGrids), 2944U);
  for_each_anchor(kSide, kGrids, [&file](std::size_t index, Point<TensorPx> center) {
    float x = 0;
    float y = 0;
    float width = 0;
    float height = 0;
    ASSERT_TRUE(file >> x >> y >> width >> height) << index;
    EXPECT_EQ(center, (Point<TensorPx>{x * kSide, y * kSide})) << index;
    EXPECT_EQ(width, 1);
    EXPECT_EQ(height, 1);
  });
  float more = 0;
  EXPECT_FALSE(file >> more);
}

}  // namespace
}  // namespace retinue
