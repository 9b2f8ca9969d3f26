#include "frame/packet.hpp"

#include <chrono>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::nanoseconds;

StreamDescription stream_of(std::int64_t numerator, std::int64_t denominator) {
  StreamDescription stream;
  stream.time_base_numerator = numerator;
  stream.time_base_denominator = denominator;
  return stream;
}

TEST(StreamDescription, TurnsTicksIntoTheNearestNanosecond) {
  EXPECT_EQ(stream_of(1, 90000).time_after_start(90000), MediaTime{nanoseconds(1'000'000'000)});
  EXPECT_EQ(stream_of(1, 3).time_after_start(2), MediaTime{nanoseconds(666'666'667)});
  EXPECT_EQ(stream_of(1, 3).time_after_start(-2), MediaTime{nanoseconds(-666'666'667)});
  EXPECT_EQ(stream_of(1001, 30000).time_after_start(3), MediaTime{nanoseconds(100'100'000)});
}

TEST(StreamDescription, HasNoTimeForDamagedTimeStamps) {
  EXPECT_EQ(stream_of(1, 1).time_after_start(std::numeric_limits<std::int64_t>::max()),
            std::nullopt);
  EXPECT_EQ(stream_of(1, 1).time_after_start(std::numeric_limits<std::int64_t>::min()),
            std::nullopt);
}

TEST(StreamDescription, HasNoTimeWithoutATimeBase) {
  EXPECT_EQ(stream_of(0, 1).time_after_start(5), std::nullopt);
  EXPECT_EQ(stream_of(1, 0).time_after_start(5), std::nullopt);
  EXPECT_EQ(stream_of(-1, 25).time_after_start(5), std::nullopt);
}

}  // namespace
}  // namespace retinue
