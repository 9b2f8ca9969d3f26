#include "worker/view_board.hpp"

#include <gmock/gmock.h>

#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Counts how often it is woken.
class FakeWindow final : public Window {
 public:
  End show(WindowContent&) override { return End::over; }
  void wake() override { ++wakes; }

  int wakes = 0;
};

/// A board and what the run does to it.
class ViewBoardTest : public testing::Test {
 protected:
  ShownFrame frame(std::string source, std::uint64_t index, bool is_still = false) {
    const Frame of_picture = picture_.frame();
    Frame::Settings settings{
        .geometry = of_picture.geometry(), .times = {.index = index}, .is_still = is_still};
    FrameResult result;
    result.source = std::make_shared<const std::string>(std::move(source));
    result.frame = index;
    return {Frame(std::move(settings)), std::move(result)};
  }

  std::string title() {
    board_.update(0, state_);
    return board_.title(state_);
  }

  FakeWindow window_;
  ViewBoard board_{window_};
  ViewState state_;
  TestPicture picture_{{.size = {64, 48}}};
};

TEST_F(ViewBoardTest, HasNoCellsBeforeTheRunHasSources) {
  EXPECT_EQ(board_.cell_count(), 0U);
}

TEST_F(ViewBoardTest, HasACellForEachLiveSource) {
  board_.start({{"a", true}, {"b", true}, {"c", true}}, 1);
  EXPECT_EQ(board_.cell_count(), 3U);
}

TEST_F(ViewBoardTest, HasAsManyCellsForRecordingsAsAreReadAtOnce) {
  board_.start({{"a"}, {"b"}, {"c"}, {"d", true}}, 2);
  EXPECT_EQ(board_.cell_count(), 3U);
}

TEST_F(ViewBoardTest, WakesTheWindowForEveryFrame) {
  board_.start({{"a"}}, 1);
  board_.begin(0);
  const int before = window_.wakes;

  board_.publish(0, frame("a", 0), 0);
  board_.publish(0, frame("a", 1), 0);

  EXPECT_EQ(window_.wakes - before, 2);
}

TEST_F(ViewBoardTest, ShowsWhatIsNewOnce) {
  board_.start({{"a"}}, 1);
  board_.begin(0);
  board_.update(0, state_);
  board_.publish(0, frame("a", 0), 0);

  EXPECT_TRUE(board_.update(0, state_));
  EXPECT_FALSE(board_.update(0, state_));
}

TEST_F(ViewBoardTest, GivesTheCellOfARecordingThatEndedToTheNext) {
  board_.start({{"a.mp4"}, {"b.mp4"}}, 1);
  board_.begin(0);
  EXPECT_THAT(title(), HasSubstr("a.mp4"));

  board_.end(0, ViewPhase::ended);
  board_.begin(1);

  EXPECT_THAT(title(), HasSubstr("b.mp4"));
}

TEST_F(ViewBoardTest, LeavesFramesOfASourceThatLostItsCellOut) {
  board_.start({{"a.mp4"}, {"b.mp4"}}, 1);
  board_.begin(0);
  board_.begin(1);
  board_.update(0, state_);

  board_.publish(0, frame("a.mp4", 7), 0);

  EXPECT_FALSE(board_.update(0, state_));
}

TEST_F(ViewBoardTest, KeepsThePictureWhilePaused) {
  board_.start({{"a", true}}, 1);
  board_.begin(0);
  board_.publish(0, frame("a", 0), 0);
  board_.update(0, state_);
  state_.paused = true;
  board_.update(0, state_);

  board_.publish(0, frame("a", 1), 0);

  EXPECT_FALSE(board_.update(0, state_));
  state_.paused = false;
  EXPECT_TRUE(board_.update(0, state_));
}

TEST_F(ViewBoardTest, SaysInTheTitleThatItIsPaused) {
  board_.start({{"clips/a.mp4"}}, 1);
  EXPECT_EQ(title(), "a.mp4 - retinue");

  state_.paused = true;

  EXPECT_EQ(title(), "paused - a.mp4 - retinue");
}

TEST_F(ViewBoardTest, CountsTheSourcesInTheTitleOfAGrid) {
  board_.start({{"a", true}, {"b", true}}, 1);
  EXPECT_EQ(title(), "2 sources - retinue");
}

TEST_F(ViewBoardTest, IsOverWithTheRun) {
  board_.start({{"a"}}, 1);
  EXPECT_FALSE(board_.is_over(state_));

  board_.finish();

  EXPECT_TRUE(board_.is_over(state_));
}

TEST_F(ViewBoardTest, StaysWhilePausedUntilTheRunIsToldToStop) {
  state_.paused = true;
  board_.start({{"a"}}, 1);
  board_.finish();
  EXPECT_FALSE(board_.is_over(state_));

  board_.stop();

  EXPECT_TRUE(board_.is_over(state_));
}

TEST_F(ViewBoardTest, StaysOnAPictureThatIsNoVideo) {
  board_.start({{"a.jpg"}}, 1);
  board_.begin(0);
  board_.publish(0, frame("a.jpg", 0, true), 0);
  board_.update(0, state_);

  board_.finish();

  EXPECT_FALSE(board_.is_over(state_));
}

TEST_F(ViewBoardTest, KnowsTheSizeOfThePictureOnceThereIsOne) {
  board_.start({{"a"}}, 1);
  board_.begin(0);
  EXPECT_FALSE(board_.picture_size());

  board_.publish(0, frame("a", 0), 0);
  board_.update(0, state_);

  EXPECT_EQ(board_.picture_size(), (Size{64, 48}));
}

}  // namespace
}  // namespace retinue
