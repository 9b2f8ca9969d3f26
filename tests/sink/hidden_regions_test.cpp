#include "sink/hidden_regions.hpp"

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "sink/painted_picture.hpp"

namespace retinue {
namespace {

constexpr Size kPicture{160, 120};

/// Black and white, by turns.
PaintedPicture checkerboard() {
  PaintedPicture picture(kPicture);
  for (int y = 0; y < kPicture.height; ++y) {
    for (int x = 0; x < kPicture.width; ++x) {
      if ((x / 4 + y / 4) % 2 == 0) picture.set(x, y, {255, 255, 255});
    }
  }
  return picture;
}

HiddenRegion box(float left, float top, float right, float bottom) {
  return {{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

TEST(HideRegions, LeavesNothingThatIsFinerThanHalfOfTheRegion) {
  PaintedPicture picture = checkerboard();
  // Cells of 48 x 48 pixels: as many black as white squares in each.
  hide_regions(std::vector{box(16, 16, 112, 112)}, picture.preview());
  for (int y = 17; y < 111; ++y) {
    for (int x = 17; x < 111; ++x) {
      for (const std::uint8_t value : picture.at(x, y))
        ASSERT_NEAR(value, 127.5, 2) << x << ' ' << y;
    }
  }
}

TEST(HideRegions, LeavesWhatIsOutsideTheOutlineAsItWas) {
  const PaintedPicture before = checkerboard();
  PaintedPicture picture = before;
  const HiddenRegion triangle{{{20, 20}, {100, 20}, {20, 100}}};
  hide_regions(std::vector{triangle}, picture.preview());
  EXPECT_TRUE(picture.guards_are_untouched());
  for (int y = 0; y < kPicture.height; ++y) {
    for (int x = 0; x < kPicture.width; ++x) {
      const bool outside = x < 20 || y < 20 || x + y > 122;
      if (outside) {
        ASSERT_EQ(picture.at(x, y), before.at(x, y)) << x << ' ' << y;
      }
    }
  }
}

TEST(HideRegions, LeavesTheBrightnessAndNoColour) {
  PaintedPicture picture(kPicture, {10, 20, 200});
  hide_regions(std::vector{box(30, 30, 90, 90)}, picture.preview());
  const Bgr expected{58, 58, 58};  // 0.0722 * 10 + 0.7152 * 20 + 0.2126 * 200
  EXPECT_EQ(picture.at(60, 60), expected);
}

TEST(HideRegions, TakesRegionsAcrossAndBeyondTheEdgesAndOfOnePixel) {
  const PaintedPicture before = checkerboard();
  for (const HiddenRegion& region :
       {box(-50, -50, 30, 30), box(140, 100, 400, 300), box(-90, -90, -10, -10),
        box(500, 500, 600, 600), box(50.2F, 50.2F, 50.8F, 50.8F), box(-1e9F, -1e9F, 1e9F, 1e9F),
        HiddenRegion{}, HiddenRegion{{{1, 1}, {5, 5}}}}) {
    PaintedPicture picture = before;
    hide_regions(std::vector{region}, picture.preview());
    EXPECT_TRUE(picture.guards_are_untouched());
  }
  PaintedPicture corner = before;
  hide_regions(std::vector{box(-50, -50, 30, 30)}, corner.preview());
  EXPECT_NEAR(corner.at(5, 5)[0], 127, 20);
}

}  // namespace
}  // namespace retinue
