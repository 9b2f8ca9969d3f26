// Orientations, checked with a picture of six letters whose displayed forms are written out here as
// EXIF's standard draws them.
#include "frame/orientation.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

constexpr std::array<std::string_view, 2> kStored{"abc", "def"};

struct DisplayCase {
  Orientation orientation;
  std::vector<std::string> displayed;
};

std::ostream& operator<<(std::ostream& out, const DisplayCase& c) {
  return out << static_cast<int>(c.orientation);
}

class EveryOrientation : public ::testing::TestWithParam<DisplayCase> {};

TEST_P(EveryOrientation, ShowsEachStoredPixelWhereItBelongs) {
  const DisplayCase& c = GetParam();
  const PictureGeometry geometry{.stored = {3, 2}, .orientation = c.orientation};
  const Size size = geometry.frame_size();
  ASSERT_EQ(size.height, static_cast<int>(c.displayed.size()));
  ASSERT_EQ(size.width, static_cast<int>(c.displayed[0].size()));
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const Point<FramePx> pixel_center{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
      const Point<StoredPx> at = geometry.stored_from_frame() * pixel_center;
      const auto column = static_cast<std::size_t>(std::floor(at.x));
      const auto row = static_cast<std::size_t>(std::floor(at.y));
      EXPECT_EQ(kStored.at(row).at(column),
                c.displayed.at(static_cast<std::size_t>(y)).at(static_cast<std::size_t>(x)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Exif, EveryOrientation,
    ::testing::Values(DisplayCase{Orientation::upright, {"abc", "def"}},
                      DisplayCase{Orientation::mirrored, {"cba", "fed"}},
                      DisplayCase{Orientation::rotated_180, {"fed", "cba"}},
                      DisplayCase{Orientation::flipped, {"def", "abc"}},
                      DisplayCase{Orientation::transposed, {"ad", "be", "cf"}},
                      DisplayCase{Orientation::rotated_90_clockwise, {"da", "eb", "fc"}},
                      DisplayCase{Orientation::transversed, {"fc", "eb", "da"}},
                      DisplayCase{Orientation::rotated_90_counterclockwise, {"cf", "be", "ad"}}),
    [](const auto& test) { return std::to_string(static_cast<int>(test.param.orientation)); });

TEST(PixelAspect, StretchesTheShortSideOfAPixel) {
  const PictureGeometry wide{.stored = {720, 576}, .pixel_aspect = 16.0 / 15};
  EXPECT_FLOAT_EQ(wide.upright_bounds().width, 768);
  EXPECT_FLOAT_EQ(wide.upright_bounds().height, 576);
  const PictureGeometry narrow{.stored = {720, 480}, .pixel_aspect = 8.0 / 9};
  EXPECT_FLOAT_EQ(narrow.upright_bounds().width, 720);
  EXPECT_FLOAT_EQ(narrow.upright_bounds().height, 540);
}

TEST(PixelAspect, TurnsWithThePicture) {
  const PictureGeometry geometry{.stored = {720, 576},
                                 .orientation = Orientation::rotated_90_clockwise,
                                 .pixel_aspect = 16.0 / 15};
  EXPECT_FLOAT_EQ(geometry.upright_bounds().width, 576);
  EXPECT_FLOAT_EQ(geometry.upright_bounds().height, 768);
}

TEST(PixelAspect, OfOneLeavesFramePixelsAlone) {
  const PictureGeometry geometry{.stored = {7, 5}, .orientation = Orientation::transversed};
  EXPECT_EQ(geometry.frame_from_upright(), (Affine<FramePx, UprightPx>{}));
}

TEST(PictureGeometry, CornersOfTheUprightPictureAreCornersOfTheStoredOne) {
  for (int value = 1; value <= 8; ++value) {
    const PictureGeometry geometry{
        .stored = {30, 20}, .orientation = static_cast<Orientation>(value), .pixel_aspect = 1.5};
    const Box<StoredPx> stored = bounds(geometry.stored_from_upright(), geometry.upright_bounds());
    EXPECT_EQ(stored, (Box<StoredPx>{0, 0, 30, 20})) << value;
  }
}

Orientation orientation_of(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d) {
  constexpr std::int32_t kOne = 1 << 16;
  const std::array<std::int32_t, 9> matrix{a * kOne, b * kOne, 0, c * kOne, d * kOne,
                                           0,        0,        0, 1 << 30};
  return orientation_of_display_matrix(matrix);
}

TEST(DisplayMatrix, OfEachQuarterTurnAndMirrorIsItsOrientation) {
  EXPECT_EQ(orientation_of(1, 0, 0, 1), Orientation::upright);
  EXPECT_EQ(orientation_of(-1, 0, 0, 1), Orientation::mirrored);
  EXPECT_EQ(orientation_of(-1, 0, 0, -1), Orientation::rotated_180);
  EXPECT_EQ(orientation_of(1, 0, 0, -1), Orientation::flipped);
  EXPECT_EQ(orientation_of(0, 1, 1, 0), Orientation::transposed);
  EXPECT_EQ(orientation_of(0, 1, -1, 0), Orientation::rotated_90_clockwise);  // A phone upright.
  EXPECT_EQ(orientation_of(0, -1, -1, 0), Orientation::transversed);
  EXPECT_EQ(orientation_of(0, -1, 1, 0), Orientation::rotated_90_counterclockwise);
}

TEST(DisplayMatrix, ThatIsDegenerateIsUpright) {
  EXPECT_EQ(orientation_of(0, 0, 0, 0), Orientation::upright);
}

}  // namespace
}  // namespace retinue
