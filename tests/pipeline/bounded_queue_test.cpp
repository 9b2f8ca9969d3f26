#include "pipeline/bounded_queue.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

std::stop_token stopped() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

TEST(BoundedQueue, GivesItemsInTheirOrder) {
  BoundedQueue<int> queue(3);
  for (const int item : {1, 2, 3})
    ASSERT_TRUE(queue.push(item, {}));
  for (const int item : {1, 2, 3})
    EXPECT_EQ(queue.pop({}), item);
}

TEST(BoundedQueue, CarriesItemsThatCannotBeCopied) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  ASSERT_TRUE(queue.push(std::make_unique<int>(7), {}));
  EXPECT_EQ(**queue.pop({}), 7);
}

TEST(BoundedQueue, TakesNoMoreThanItsCapacity) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.push(1, stopped()));
  EXPECT_TRUE(queue.push(2, stopped()));
  EXPECT_FALSE(queue.push(3, stopped())) << "it would wait for room";
  EXPECT_EQ(queue.pop({}), 1);
  EXPECT_TRUE(queue.push(4, stopped()));
}

TEST(BoundedQueue, AProducerWaitsUntilThereIsRoom) {
  BoundedQueue<int> queue(1);
  std::vector<int> received;
  {
    const std::jthread producer([&queue] {
      for (int i = 0; i < 100; ++i)
        queue.push(i, {});
      queue.close();
    });
    while (const std::optional<int> item = queue.pop({}))
      received.push_back(*item);
  }
  ASSERT_EQ(received.size(), 100U);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(received[static_cast<std::size_t>(i)], i);
}

TEST(BoundedQueue, AStopEndsTheWaitOfAConsumer) {
  BoundedQueue<int> queue(1);
  std::optional<int> item = 1;
  {
    std::latch started(1);
    std::jthread consumer([&](const std::stop_token& stop) {
      started.count_down();
      item = queue.pop(stop);
    });
    started.wait();
    consumer.request_stop();
  }
  EXPECT_EQ(item, std::nullopt);
}

TEST(BoundedQueue, AStopEndsTheWaitOfAProducer) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.push(1, {}));
  bool pushed = true;
  {
    std::latch started(1);
    std::jthread producer([&](const std::stop_token& stop) {
      started.count_down();
      pushed = queue.push(2, stop);
    });
    started.wait();
    producer.request_stop();
  }
  EXPECT_FALSE(pushed);
  EXPECT_EQ(queue.pop(stopped()), 1) << "what is there is given all the same";
  EXPECT_EQ(queue.pop(stopped()), std::nullopt);
}

TEST(BoundedQueue, GivesWhatIsLeftAfterItIsClosed) {
  BoundedQueue<int> queue(2);
  ASSERT_TRUE(queue.push(1, {}));
  queue.close();
  EXPECT_EQ(queue.pop({}), 1);
  EXPECT_EQ(queue.pop({}), std::nullopt);
  EXPECT_EQ(queue.pop({}), std::nullopt);
}

TEST(BoundedQueue, TakesNothingAfterItIsClosed) {
  BoundedQueue<int> queue(2);
  queue.close();
  EXPECT_FALSE(queue.push(1, {}));
  EXPECT_EQ(queue.pop({}), std::nullopt);
}

TEST(BoundedQueue, ClosingEndsEveryWait) {
  BoundedQueue<int> empty(1);
  BoundedQueue<int> full(1);
  ASSERT_TRUE(full.push(1, {}));
  std::atomic<int> ended = 0;
  {
    std::latch started(4);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        started.count_down();
        if (!empty.pop({})) ++ended;
      });
      threads.emplace_back([&] {
        started.count_down();
        if (!full.push(2, {})) ++ended;
      });
    }
    started.wait();
    empty.close();
    full.close();
  }
  EXPECT_EQ(ended, 4);
}

TEST(BoundedQueue, EveryItemReachesExactlyOneOfManyConsumers) {
  constexpr int kProducers = 3;
  constexpr int kItems = 500;
  BoundedQueue<int> queue(4);
  std::vector<std::vector<int>> received(3);
  {
    std::vector<std::jthread> consumers;
    consumers.reserve(received.size());
    for (std::vector<int>& mine : received) {
      consumers.emplace_back([&queue, &mine] {
        while (const std::optional<int> item = queue.pop({}))
          mine.push_back(*item);
      });
    }
    {
      std::vector<std::jthread> producers;
      producers.reserve(kProducers);
      for (int p = 0; p < kProducers; ++p) {
        producers.emplace_back([&queue, p] {
          for (int i = 0; i < kItems; ++i)
            queue.push(p * kItems + i, {});
        });
      }
    }
    queue.close();
  }
  std::set<int> all;
  std::size_t count = 0;
  for (const std::vector<int>& mine : received) {
    count += mine.size();
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(count, std::size_t{kProducers} * kItems);
  EXPECT_EQ(all.size(), count);
}

}  // namespace
}  // namespace retinue
