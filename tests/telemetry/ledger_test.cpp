#include "telemetry/ledger.hpp"

#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(FrameLedger, StartsEmpty) {
  const FrameLedger ledger;
  EXPECT_EQ(ledger.captured(), 0);
  EXPECT_EQ(ledger.delivered(), 0);
  EXPECT_EQ(ledger.in_flight(), 0);
}

TEST(FrameLedger, ACapturedFrameIsInFlightUntilItIsDelivered) {
  FrameLedger ledger;
  ledger.capture();
  EXPECT_EQ(ledger.in_flight(), 1);
  ledger.deliver();
  EXPECT_EQ(ledger.in_flight(), 0);
  EXPECT_EQ(ledger.delivered(), 1);
}

TEST(FrameLedger, EveryDropReasonEndsTheFlight) {
  FrameLedger ledger;
  for (const DropReason reason : kDropReasons) {
    ledger.capture();
    ledger.drop(reason);
    EXPECT_EQ(ledger.dropped(reason), 1) << name_of(reason);
    EXPECT_EQ(ledger.in_flight(), 0) << name_of(reason);
  }
}

TEST(FrameLedger, AnUndecodablePacketIsNoFrame) {
  FrameLedger ledger;
  ledger.undecodable_packet();
  EXPECT_EQ(ledger.undecodable_packets(), 1);
  EXPECT_EQ(ledger.captured(), 0);
  EXPECT_EQ(ledger.in_flight(), 0);
}

TEST(FrameLedger, BalancesWhenThreadsShareIt) {
  FrameLedger ledger;
  constexpr int kFrames = 1000;
  {
    const std::jthread deliverer([&ledger] {
      for (int i = 0; i < kFrames; ++i) {
        ledger.capture();
        ledger.deliver();
      }
    });
    const std::jthread dropper([&ledger] {
      for (int i = 0; i < kFrames; ++i) {
        ledger.capture();
        ledger.drop(DropReason::interrupted);
      }
    });
  }
  EXPECT_EQ(ledger.captured(), 2 * kFrames);
  EXPECT_EQ(ledger.delivered(), kFrames);
  EXPECT_EQ(ledger.dropped(DropReason::interrupted), kFrames);
  EXPECT_EQ(ledger.in_flight(), 0);
}

TEST(DropReason, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const DropReason reason : kDropReasons)
    names.insert(name_of(reason));
  EXPECT_EQ(names.size(), kDropReasons.size());
}

}  // namespace
}  // namespace retinue
