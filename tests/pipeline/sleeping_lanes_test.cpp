// Work wakes a lane that does not share a core with whoever handed it in.
#include "pipeline/sleeping_lanes.hpp"

#include <array>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(SleepingLanes, WakeOneOfAnotherCore) {
  std::array<SleepingLane, 2> lanes;
  for (const int core : {0, 1}) {
    SleepingLanes sleeping(2);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i].core = static_cast<int>(i);
      sleeping.add(lanes[i]);
    }
    EXPECT_EQ(sleeping.take(core), &lanes[static_cast<std::size_t>(1 - core)]);
  }
}

TEST(SleepingLanes, WakeTheOneOfTheSameCoreWhenNoOtherSleeps) {
  SleepingLane lane;
  lane.core = 3;
  SleepingLanes sleeping(1);
  sleeping.add(lane);
  EXPECT_EQ(sleeping.take(3), &lane);
}

TEST(SleepingLanes, WakeTheLastThatFellAsleepFirst) {
  std::array<SleepingLane, 3> lanes;
  SleepingLanes sleeping(3);
  for (SleepingLane& lane : lanes)
    sleeping.add(lane);
  EXPECT_EQ(sleeping.take(0), &lanes[2]);
  EXPECT_EQ(sleeping.take(0), &lanes[1]);
  sleeping.add(lanes[2]);
  EXPECT_EQ(sleeping.take(0), &lanes[2]);
  EXPECT_EQ(sleeping.take(0), lanes.data());
}

TEST(SleepingLanes, WakeTheLastThatFellAsleepOfTheOtherCores) {
  std::array<SleepingLane, 3> lanes;
  SleepingLanes sleeping(3);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    lanes[i].core = static_cast<int>(i);
    sleeping.add(lanes[i]);
  }
  EXPECT_EQ(sleeping.take(2), &lanes[1]);
  EXPECT_EQ(sleeping.take(2), lanes.data());
  EXPECT_EQ(sleeping.take(2), &lanes[2]);
}

TEST(SleepingLanes, WakeWhereItIsNotKnownWhoHandsIn) {
  SleepingLane lane;
  lane.core = 0;
  SleepingLanes sleeping(1);
  sleeping.add(lane);
  EXPECT_EQ(sleeping.take(std::nullopt), &lane);
}

TEST(SleepingLanes, NoneIsWokenTwice) {
  SleepingLane lane;
  SleepingLanes sleeping(1);
  sleeping.add(lane);
  sleeping.take(0);
  EXPECT_EQ(sleeping.take(0), nullptr);
}

}  // namespace
}  // namespace retinue
