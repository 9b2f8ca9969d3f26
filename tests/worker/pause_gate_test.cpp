#include "worker/pause_gate.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(PauseGate, IsOpenAtFirst) {
  PauseGate gate;
  gate.wait({});
}

TEST(PauseGate, HoldsWhoWaitsUntilNothingIsPaused) {
  PauseGate gate;
  gate.set_paused(true);
  std::atomic<bool> opened = false;
  std::atomic<bool> passed_early = false;
  std::jthread waiter([&] {
    gate.wait({});
    passed_early = !opened;
  });

  opened = true;
  gate.set_paused(false);
  waiter.join();

  EXPECT_FALSE(passed_early);
}

TEST(PauseGate, LetsWhoWaitsGoWhenTheRunStops) {
  PauseGate gate;
  gate.set_paused(true);
  std::stop_source stop;
  std::jthread waiter([&] { gate.wait(stop.get_token()); });

  stop.request_stop();
  waiter.join();
}

}  // namespace
}  // namespace retinue
