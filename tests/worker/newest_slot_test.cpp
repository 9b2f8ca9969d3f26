#include "worker/newest_slot.hpp"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(NewestSlot, IsEmptyAtFirstAndAfterItWasTaken) {
  NewestSlot<int> slot;
  EXPECT_EQ(slot.take(), std::nullopt);

  slot.put(1);

  EXPECT_EQ(slot.take(), 1);
  EXPECT_EQ(slot.take(), std::nullopt);
}

TEST(NewestSlot, KeepsTheNewestOnly) {
  NewestSlot<int> slot;

  for (const int number : {1, 2, 3})
    slot.put(number);

  EXPECT_EQ(slot.take(), 3);
}

TEST(NewestSlot, LetsGoOfWhatIsReplaced) {
  NewestSlot<std::shared_ptr<int>> slot;
  auto old = std::make_shared<int>(1);
  slot.put(old);

  slot.put(std::make_shared<int>(2));

  EXPECT_EQ(old.use_count(), 1);
}

TEST(NewestSlot, GivesGrowingNumbersToATakerOfAnotherThread) {
  constexpr int kLast = 20'000;
  NewestSlot<int> slot;
  std::jthread maker([&slot] {
    for (int i = 1; i <= kLast; ++i)
      slot.put(i);
  });

  int before = 0;
  while (before != kLast) {
    const std::optional<int> taken = slot.take();
    if (!taken) continue;
    ASSERT_GT(*taken, before);
    before = *taken;
  }
}

}  // namespace
}  // namespace retinue
