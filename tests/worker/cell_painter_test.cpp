#include "worker/cell_painter.hpp"

#include <gtest/gtest.h>

#include "preprocess/test_picture.hpp"
#include "sink/painted_picture.hpp"

namespace retinue {
namespace {

constexpr Size kArea{400, 300 + CellPainter::kStripPx};
constexpr ViewState kBare{.landmarks = false, .boxes = false, .gaze = false, .blendshapes = false};

/// A scene that is red on the left, blue on the right, and brighter at the bottom.
std::array<double, 3> scene(double x, double y) {
  const double level = y < 75 ? 100 : 220;
  return x < 100 ? std::array<double, 3>{level, 0, 0} : std::array<double, 3>{0, 0, level};
}

class CellPainterTest : public testing::Test {
 protected:
  explicit CellPainterTest(TestPicture::Settings settings = {.format = PixelFormat::yuv444p,
                                                             .size = {200, 150}})
      : picture_(settings) {
    picture_.render(scene);
  }

  PaintedPicture paint(const ViewState& state, Size size = kArea) {
    FrameResult result;
    result.source = std::make_shared<const std::string>("a.mp4");
    result.frame = 0;
    result.faces = faces_;
    const ShownFrame shown{picture_.frame(), result};
    PaintedPicture area(size, {0, 255, 0});
    painter_.paint(&shown, "a.mp4", "25 fps", state, area.preview());
    EXPECT_TRUE(area.guards_are_untouched());
    return area;
  }

  static bool is_red(Bgr color) { return color[2] > 80 && color[0] < 40; }
  static bool is_blue(Bgr color) { return color[0] > 80 && color[2] < 40; }
  static bool is_dark(Bgr color) { return color[0] < 50 && color[1] < 50 && color[2] < 50; }

  TestPicture picture_;
  std::vector<Face> faces_;
  CellPainter painter_;
};

TEST_F(CellPainterTest, FillsTheRoomBelowTheStrip) {
  const PaintedPicture area = paint(kBare);

  for (const int y : {CellPainter::kStripPx + 2, kArea.height - 60}) {
    EXPECT_TRUE(is_red(area.at(2, y)));
    EXPECT_TRUE(is_blue(area.at(kArea.width - 3, y)));
  }
  EXPECT_TRUE(is_dark(area.at(kArea.width / 2, 3))) << "the strip";
}

TEST_F(CellPainterTest, KeepsTheAspectRatioAndLeavesTheRestDark) {
  const PaintedPicture area = paint(kBare, {800, kArea.height});

  EXPECT_TRUE(is_dark(area.at(195, 150)));
  EXPECT_TRUE(is_red(area.at(205, 150)));
  EXPECT_TRUE(is_blue(area.at(594, 150)));
  EXPECT_TRUE(is_dark(area.at(605, 150)));
}

TEST_F(CellPainterTest, MirrorsLeftAndRightOnly) {
  ViewState state = kBare;
  state.mirrored = true;

  const PaintedPicture area = paint(state);

  EXPECT_TRUE(is_blue(area.at(2, 100)));
  EXPECT_TRUE(is_red(area.at(kArea.width - 3, 100)));
  EXPECT_GT(area.at(2, kArea.height - 60)[0], area.at(2, 40)[0]) << "the bottom is the bottom";
}

TEST_F(CellPainterTest, MirrorsTheGazeWithThePicture) {
  Face face;
  face.box = {60, 40, 80, 80};  // Twice as large in the cell, and as it was when turned over.
  face.keypoints = {{{100, 60}, {100, 60}, {100, 80}, {100, 100}, {100, 100}}};
  face.gaze = Gaze{.direction = {80, 0}, .left = {{80, 0}}, .right = {{80, 0}}};
  faces_ = {face};
  ViewState state = kBare;
  state.gaze = true;
  const auto is_arrow = [&](int x) {
    const Bgr color = paint(state).at(x, CellPainter::kStripPx + 120);
    return color[2] > 150 && color[1] > 120 && color[0] < 120;
  };

  EXPECT_TRUE(is_arrow(250)) << "from (200, 120) of the cell to the right";
  EXPECT_FALSE(is_arrow(150));
  state.mirrored = true;
  EXPECT_TRUE(is_arrow(150));
  EXPECT_FALSE(is_arrow(250));
}

TEST_F(CellPainterTest, DrawsFacesWhereTheyAreSeen) {
  Face face;
  face.box = {20, 30, 40, 50};  // Twice as large in the cell.
  faces_ = {face};
  ViewState with_boxes = kBare;
  with_boxes.boxes = true;
  const auto corner_is_inked = [&](const ViewState& state, int x) {
    ViewState without = state;
    without.boxes = false;
    // The arm of the top-left or top-right corner, below its rounding.
    const int y = CellPainter::kStripPx + 60 + 12;
    return paint(state).at(x, y) != paint(without).at(x, y);
  };

  EXPECT_TRUE(corner_is_inked(with_boxes, 40));
  EXPECT_TRUE(corner_is_inked(with_boxes, 120));
  EXPECT_FALSE(corner_is_inked(with_boxes, 80));

  with_boxes.mirrored = true;
  EXPECT_TRUE(corner_is_inked(with_boxes, 400 - 40));
  EXPECT_TRUE(corner_is_inked(with_boxes, 400 - 120));
  EXPECT_FALSE(corner_is_inked(with_boxes, 40));
}

TEST_F(CellPainterTest, PaintsCellsTooSmallForAPicture) {
  for (const Size size : {Size{1, 1}, Size{5, CellPainter::kStripPx}, Size{2, 40}})
    paint(kBare, size);
}

TEST_F(CellPainterTest, PaintsACellWithoutAPicture) {
  PaintedPicture area(kArea, {0, 255, 0});

  painter_.paint(nullptr, "a.mp4", "opening", {}, area.preview());

  EXPECT_TRUE(is_dark(area.at(200, 200)));
}

class TurnedCellTest : public CellPainterTest {
 protected:
  TurnedCellTest()
      : CellPainterTest({.format = PixelFormat::yuv444p,
                         .size = {200, 150},
                         .orientation = Orientation::rotated_180}) {}
};

TEST_F(TurnedCellTest, ShowsATurnedPictureUpright) {
  const PaintedPicture area = paint(kBare);

  EXPECT_TRUE(is_blue(area.at(2, 100)));
  EXPECT_TRUE(is_red(area.at(kArea.width - 3, 100)));
}

}  // namespace
}  // namespace retinue
