// A lane without work stays awake for a moment, and for little of its time.
#include "pipeline/awake_wait.hpp"

#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ArrivalTime at(std::chrono::nanoseconds since_start) {
  return ArrivalTime(seconds(100) + since_start);
}

TEST(AwakeWait, StaysAwakeForTheFirstFrame) {
  AwakeWait wait;
  EXPECT_EQ(wait.begin(at(seconds(0))), at(milliseconds(10)));
}

TEST(AwakeWait, HasLessTimeAfterAWait) {
  AwakeWait wait;
  wait.begin(at(seconds(0)));
  wait.end(at(milliseconds(4)));
  EXPECT_EQ(wait.begin(at(milliseconds(4))), at(milliseconds(4 + 6)));
}

TEST(AwakeWait, SleepsAtOnceWhenItsTimeIsSpent) {
  AwakeWait wait;
  wait.begin(at(seconds(0)));
  wait.end(at(milliseconds(11)));
  EXPECT_EQ(wait.begin(at(milliseconds(11))), at(milliseconds(11)));
}

TEST(AwakeWait, EarnsA64thOfTheTimeThatGoesBy) {
  AwakeWait wait;
  wait.begin(at(seconds(0)));
  wait.end(at(milliseconds(10)));
  EXPECT_EQ(wait.begin(at(milliseconds(10 + 64))), at(milliseconds(10 + 64 + 1)));
}

TEST(AwakeWait, NeverWaitsAwakeForMoreThanTenMilliseconds) {
  AwakeWait wait;
  wait.begin(at(seconds(0)));
  wait.end(at(milliseconds(1)));
  EXPECT_EQ(wait.begin(at(seconds(1000))), at(seconds(1000) + milliseconds(10)));
}

}  // namespace
}  // namespace retinue
