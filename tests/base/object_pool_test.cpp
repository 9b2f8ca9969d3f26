#include "base/object_pool.hpp"

#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

/// A number with something that it holds while it is in use.
struct PooledNumber {
  struct Object {
    int value = 0;
    std::shared_ptr<int> held;
  };
  static Object make() { return {}; }
  static void clear(Object& object) { object.held.reset(); }
};
using NumberPool = ObjectPool<PooledNumber>;

TEST(ObjectPool, AnObjectThatCameBackServesAgain) {
  NumberPool pool;
  std::shared_ptr<PooledNumber::Object> first = pool.take();
  const void* place = first.get();
  first->value = 7;
  first.reset();
  const std::shared_ptr<PooledNumber::Object> second = pool.take();
  EXPECT_EQ(second.get(), place);
  EXPECT_EQ(second->value, 7) << "only what clear() clears is gone";
  EXPECT_EQ(pool.meter()->statistics().created, 1);
}

TEST(ObjectPool, ObjectsInUseAreDifferentOnes) {
  NumberPool pool;
  const std::shared_ptr<PooledNumber::Object> a = pool.take();
  const std::shared_ptr<PooledNumber::Object> b = pool.take();
  EXPECT_NE(a, b);
}

TEST(ObjectPool, WhatAnObjectHoldsIsGivenUpWithItsLastPointer) {
  NumberPool pool;
  const auto held = std::make_shared<int>(1);
  std::shared_ptr<PooledNumber::Object> object = pool.take();
  object->held = held;
  std::shared_ptr<const void> also = object;
  object.reset();
  EXPECT_EQ(held.use_count(), 2);
  also.reset();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ObjectPool, TellsHowManyThereAreAndHowManyThereWereAtMost) {
  NumberPool pool;
  std::vector<std::shared_ptr<PooledNumber::Object>> taken = {pool.take(), pool.take(),
                                                              pool.take()};
  taken.pop_back();
  taken.pop_back();
  taken.push_back(pool.take());
  const PoolStatistics statistics = pool.meter()->statistics();
  EXPECT_EQ(statistics.created, 3);
  EXPECT_EQ(statistics.in_use, 2);
  EXPECT_EQ(statistics.peak, 3);
}

TEST(ObjectPool, AnObjectOutlivesItsPool) {
  std::optional<NumberPool> pool(std::in_place);
  const std::shared_ptr<const PoolMeter> meter = pool->meter();
  std::shared_ptr<PooledNumber::Object> object = pool->take();
  object->held = std::make_shared<int>(5);
  pool.reset();
  EXPECT_EQ(*object->held, 5);
  EXPECT_EQ(meter->statistics().in_use, 1);
  object.reset();
  EXPECT_EQ(meter->statistics().in_use, 0);
}

TEST(ObjectPool, AWeakPointerKeepsItsPlaceOnly) {
  NumberPool pool;
  std::shared_ptr<PooledNumber::Object> object = pool.take();
  const auto held = std::make_shared<int>(1);
  object->held = held;
  std::weak_ptr<PooledNumber::Object> weak = object;
  object.reset();
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_NE(pool.take(), nullptr);
  EXPECT_EQ(pool.meter()->statistics().created, 2) << "the first one's block is still needed";
  weak.reset();
  EXPECT_EQ(pool.meter()->statistics().in_use, 0);
}

TEST(ObjectPool, ThreadsMayTakeAndReturn) {
  NumberPool pool;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&pool] {
        std::shared_ptr<PooledNumber::Object> kept;
        for (int i = 0; i < 1000; ++i) {
          std::shared_ptr<PooledNumber::Object> object = pool.take();
          ++object->value;
          kept = std::move(object);
        }
      });
    }
  }
  const PoolStatistics statistics = pool.meter()->statistics();
  EXPECT_EQ(statistics.in_use, 0);
  EXPECT_LE(statistics.created, 8);
  EXPECT_LE(statistics.peak, statistics.created);
}

}  // namespace
}  // namespace retinue
