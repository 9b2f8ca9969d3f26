#include "allocation/allocation_count.hpp"

#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

extern "C" {
#include <libavutil/mem.h>
}

namespace retinue {
namespace {

using testing::HasSubstr;

/// Hides from the compiler that the memory is not used, so that it allocates.
void use(void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

template <typename Work>
AllocationCount count_of(const Work& work) {
  start_counting_allocations();
  work();
  return stop_counting_allocations();
}

TEST(AllocationCount, NothingIsNothing) {
  EXPECT_EQ(count_of([] {}).own, 0);
}

TEST(AllocationCount, CountsEveryFormOfNew) {
  struct alignas(64) Line {
    std::byte bytes[64];  // NOLINT(modernize-avoid-c-arrays)
  };
  const AllocationCount count = count_of([] {
    const auto number = std::make_unique<int>();
    const auto numbers = std::make_unique<int[]>(3);  // NOLINT(modernize-avoid-c-arrays)
    const auto line = std::make_unique<Line>();
    use(number.get());
    use(numbers.get());
    use(line.get());
  });
  EXPECT_EQ(count.own, 3);
}

TEST(AllocationCount, WhatTheStandardLibraryAllocatesForUsIsOurs) {
  const AllocationCount count = count_of([] {
    std::string text(100, 'x');
    text.append(1000, 'y');
    use(text.data());
  });
  EXPECT_EQ(count.own, 2);
}

// Under a sanitizer malloc is the sanitizer's, and these are not there.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(AllocationCount, CountsMalloc) {
  ASSERT_TRUE(counts_malloc());
  const AllocationCount count = count_of([] {
    void* memory = std::malloc(10);
    use(memory);
    memory = std::realloc(memory, 100'000);
    use(memory);
    std::free(memory);
    memory = std::calloc(2, 5);
    use(memory);
    std::free(memory);
  });
  EXPECT_EQ(count.own, 3);
}

TEST(AllocationCount, KeepsALibrarysOwnApart) {
  const AllocationCount count = count_of([] {
    void* memory = av_malloc(10);
    use(memory);
    av_free(memory);
  });
  EXPECT_EQ(count.own, 0);
  EXPECT_EQ(count.others, 1);
  EXPECT_THAT(other_allocations_by_library(), HasSubstr("libavutil"));
}

#endif

TEST(AllocationCount, CountsOnAllThreads) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  const AllocationCount count = count_of([&threads] {
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 100; ++i)
          use(std::make_unique<int>(i).get());
      });
    }
    for (std::jthread& thread : threads)
      thread.join();
  });
  EXPECT_GE(count.own, 400);  // And what starting threads takes.
}

TEST(AllocationCount, SaysWhere) {
  count_of([] { use(std::make_unique<int>().get()); });
  EXPECT_THAT(own_allocations_by_module(), HasSubstr("outside src/ 1"));
}

}  // namespace
}  // namespace retinue
