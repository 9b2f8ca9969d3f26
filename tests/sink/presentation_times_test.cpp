#include "sink/presentation_times.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace retinue {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> ticks_of(std::initializer_list<int> times_ms, double frames_per_s = 25) {
  PresentationTimes times(frames_per_s);
  std::vector<std::int64_t> ticks;
  for (const int time_ms : times_ms)
    ticks.push_back(times.next({std::chrono::milliseconds(time_ms)}));
  return ticks;
}

TEST(PresentationTimes, KeepDistancesThatVary) {
  EXPECT_THAT(ticks_of({0, 40, 50, 1050}), ElementsAre(0, 3600, 4500, 94500));
}

TEST(PresentationTimes, StartAtZero) {
  EXPECT_THAT(ticks_of({3000, 3040}), ElementsAre(0, 3600));
  EXPECT_THAT(ticks_of({-80, -40}), ElementsAre(0, 3600));
}

TEST(PresentationTimes, MoveFramesThatDoNotFollowByOneTick) {
  EXPECT_THAT(ticks_of({0, 40, 40, 20, 80}), ElementsAre(0, 3600, 3601, 3602, 7200));
}

TEST(PresentationTimes, GoOnAfterAClockThatStartsAnew) {
  EXPECT_THAT(ticks_of({10'000, 10'040, 0, 40}), ElementsAre(0, 3600, 7200, 10800));
}

TEST(PresentationTimes, DoNotLeaveHoursEmptyWhenAClockJumpsAhead) {
  EXPECT_THAT(ticks_of({0, 40, 90'000'000, 90'000'040}), ElementsAre(0, 3600, 7200, 10800));
}

TEST(PresentationTimes, UseTheNominalRateUntilAStepIsSeen) {
  PresentationTimes times(30);
  EXPECT_EQ(times.step(), 3000);
  times.next({});
  times.next({std::chrono::milliseconds(40)});

  EXPECT_EQ(times.step(), 3600);
}

}  // namespace
}  // namespace retinue
