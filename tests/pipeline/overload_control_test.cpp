#include "pipeline/overload_control.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace retinue {
namespace {

/// Seconds of 30 frames each, of which some replace others.
class Seconds {
 public:
  Seconds() { control.capture(now_, false); }

  /// True when the level changed at the second's end.
  bool pass(int replaced) {
    bool changed = false;
    for (int frame = 0; frame < 30; ++frame) {
      now_ += std::chrono::nanoseconds(1'000'000'000 / 30 + 1);
      changed = control.capture(now_, frame < replaced) || changed;
    }
    return changed;
  }

  OverloadControl control;

 private:
  ArrivalTime now_{std::chrono::hours(1)};
};

TEST(OverloadControl, StaysNormalWhileFramesAreTaken) {
  Seconds seconds;
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(seconds.pass(0));
  EXPECT_EQ(seconds.control.level(), LoadLevel::normal);
}

TEST(OverloadControl, OneFrameInTwentyIsNoOverload) {
  Seconds seconds;
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(seconds.pass(1));
}

TEST(OverloadControl, GivesUpTheDetectorsRateFirstAndFramesLast) {
  Seconds seconds;
  int before = seconds.control.detect_every();
  for (const LoadLevel level : {LoadLevel::reduced, LoadLevel::minimal}) {
    EXPECT_TRUE(seconds.pass(10));
    EXPECT_EQ(seconds.control.level(), level);
    EXPECT_GT(seconds.control.detect_every(), before);
    before = seconds.control.detect_every();
  }
  EXPECT_TRUE(seconds.pass(10));
  EXPECT_EQ(seconds.control.level(), LoadLevel::dropping);
  EXPECT_FALSE(seconds.pass(10)) << "there is nothing more to give up";
}

TEST(OverloadControl, ComesBackStepByStepAfterFiveCalmSeconds) {
  Seconds seconds;
  seconds.pass(10);
  seconds.pass(10);
  ASSERT_EQ(seconds.control.level(), LoadLevel::minimal);
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(seconds.pass(0));
  EXPECT_TRUE(seconds.pass(0));
  EXPECT_EQ(seconds.control.level(), LoadLevel::reduced);
  for (int i = 0; i < 5; ++i)
    seconds.pass(0);
  EXPECT_EQ(seconds.control.level(), LoadLevel::normal);
}

TEST(OverloadControl, ASecondOfDropsStartsTheCalmAnew) {
  Seconds seconds;
  seconds.pass(10);
  for (int i = 0; i < 4; ++i)
    seconds.pass(0);
  EXPECT_TRUE(seconds.pass(10));
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(seconds.pass(0));
}

}  // namespace
}  // namespace retinue
