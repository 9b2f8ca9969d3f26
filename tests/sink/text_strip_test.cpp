#include "sink/text_strip.hpp"

#include <array>

#include <gtest/gtest.h>

#include "sink/painted_picture.hpp"

namespace retinue {
namespace {

constexpr Size kStrip{400, 24};

/// A strip with its text, beside one without.
class Strip {
 public:
  Strip(const std::string& left, const std::string& right) : text_(kStrip), empty_(kStrip) {
    draw_text_strip(text_.preview(), left, right);
    draw_text_strip(empty_.preview(), "", "");
    EXPECT_TRUE(text_.guards_are_untouched());
  }

  /// Columns in [first, end) with ink.
  int ink(int first, int end) const {
    int columns = 0;
    for (int x = first; x < end; ++x) {
      bool inked = false;
      for (int y = 0; y < kStrip.height; ++y)
        inked = inked || text_.at(x, y) != empty_.at(x, y);
      columns += inked ? 1 : 0;
    }
    return columns;
  }

  friend bool operator==(const Strip& a, const Strip& b) { return a.text_ == b.text_; }

 private:
  PaintedPicture text_;
  PaintedPicture empty_;
};

TEST(TextStrip, PutsOneTextAtEachEnd) {
  const Strip strip("walk.mp4", "25 fps");

  EXPECT_GT(strip.ink(0, 100), 30);
  EXPECT_EQ(strip.ink(100, 300), 0);
  EXPECT_GT(strip.ink(300, 400), 25);
}

TEST(TextStrip, CutsTheLeftTextWhereTheRightOneBegins) {
  const Strip right("", "25 fps");
  int right_begin = 0;
  while (right.ink(0, right_begin) == 0)
    ++right_begin;

  const Strip both(std::string(200, 'w'), "25 fps");

  EXPECT_GT(both.ink(0, right_begin), 200);
  EXPECT_EQ(both.ink(right_begin - 6, right_begin - 1), 0) << "a gap stays between them";
  EXPECT_EQ(both.ink(right_begin, 400), right.ink(right_begin, 400));
}

TEST(TextStrip, CutsBetweenCharactersAndNotWithinThem) {
  std::string name;
  for (int i = 0; i < 200; ++i)
    name += "ä";

  EXPECT_GT(Strip(name, "").ink(0, 400), 300);
}

TEST(TextStrip, ShowsQuestionMarksForBytesThatAreNotUtf8) {
  EXPECT_TRUE(Strip("a\xFF.mp4", "") == Strip("a?.mp4", ""));
}

TEST(TextStrip, DrawsWhatFitsIntoAVeryNarrowStrip) {
  PaintedPicture picture({3, 24});

  draw_text_strip(picture.preview(), "walk.mp4", "25 fps");

  EXPECT_TRUE(picture.guards_are_untouched());
}

TEST(TextPanel, IsTheSameWhenItIsDrawnTwice) {
  const std::array<TextRow, 2> rows = {{{"q", "quit"}, {"m", "mirror"}}};
  PaintedPicture once({300, 200}, {10, 200, 30});
  PaintedPicture twice({300, 200}, {10, 200, 30});

  draw_text_panel(once.preview(), rows);
  draw_text_panel(twice.preview(), rows);
  draw_text_panel(twice.preview(), rows);

  EXPECT_NE(once.at(150, 100), (Bgr{10, 200, 30}));
  EXPECT_EQ(once.at(5, 5), (Bgr{10, 200, 30}));
  EXPECT_TRUE(once.guards_are_untouched());
  // Its rounded corners blend with what was there, all the rest covers it.
  int different = 0;
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 300; ++x)
      different += once.at(x, y) != twice.at(x, y) ? 1 : 0;
  }
  EXPECT_LT(different, 100);
}

TEST(FillPicture, CoversEveryPixel) {
  PaintedPicture picture({5, 4});

  fill_picture(picture.preview(), {1, 0.5, 0});

  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 5; ++x)
      EXPECT_EQ(picture.at(x, y), (Bgr{0, 128, 255}));
  }
  EXPECT_TRUE(picture.guards_are_untouched());
}

}  // namespace
}  // namespace retinue
