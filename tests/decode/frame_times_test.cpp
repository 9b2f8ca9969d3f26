// When frames are: presentation times from the stream's start, and what their packets brought.

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>

#include "media/decode_all.hpp"
#include "media/media_test.hpp"

namespace retinue {
namespace {

class FrameTimesOf : public MediaTest {
 protected:
  static std::vector<double> times_s(const std::vector<Frame>& frames) {
    std::vector<double> times;
    for (const Frame& frame : frames)
      times.push_back(frame.times().time.seconds());
    return times;
  }
  static int discontinuities(const std::vector<Frame>& frames) {
    int count = 0;
    for (const Frame& frame : frames)
      count += frame.times().discontinuity ? 1 : 0;
    return count;
  }
  std::string make_clip(const std::string& arguments, const std::string& name) const {
    return make("-f lavfi -i testsrc=s=64x48:r=25:d=0.4 " + arguments, name);
  }
  static void expect_25_a_second(const Decoded& decoded) {
    ASSERT_EQ(decoded.frames.size(), 10u);
    for (std::size_t i = 0; i < 10; ++i) {
      // Containers round to milliseconds.
      EXPECT_NEAR(decoded.frames[i].times().time.seconds(), static_cast<double>(i) / 25, 0.0006);
    }
    EXPECT_EQ(discontinuities(decoded.frames), 0);
  }
};

TEST_F(FrameTimesOf, AVideoStartAtZero) {
  expect_25_a_second(decode_all(make_clip("-c:v libx264", "a.mp4")));
}

TEST_F(FrameTimesOf, AVideoCountFromItsStartWhereverThatIs) {
  expect_25_a_second(decode_all(make_clip("-c:v libx264 -output_ts_offset 3600", "late.ts")));
  expect_25_a_second(decode_all(make_clip("-c:v libx264 -output_ts_offset 3600", "late.mkv")));
  expect_25_a_second(decode_all(make_clip("-c:v libx264 -output_ts_offset -2", "early.ts")));
}

TEST_F(FrameTimesOf, AStreamWithoutTimeStampsComeFromItsRate) {
  expect_25_a_second(decode_all(make_clip("-c:v libx264 -bf 2", "a.h264")));
  expect_25_a_second(decode_all(make_clip("", "a.mjpeg")));
}

TEST_F(FrameTimesOf, AVariableRateAreItsOwn) {
  const Decoded decoded = decode_all(
      make_clip("-vf \"select='not(eq(mod(n,5),1))'\" -vsync vfr -c:v libx264", "a.mp4"));

  const std::vector<double> times = times_s(decoded.frames);
  ASSERT_EQ(times.size(), 8u);
  EXPECT_NEAR(times[1], 0.08, 1e-6);
  EXPECT_NEAR(times[5], 0.28, 1e-6);
}

TEST_F(FrameTimesOf, AResetAreMarkedOnceAndSaid) {
  const std::string clip = bytes_of(make_clip("-c:v mpeg2video -g 1", "a.ts"));
  const std::string file = put("twice.ts", clip + clip);

  testing::internal::CaptureStderr();
  const Decoded decoded = decode_all(file);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(decoded.frames.size(), 20u);
  EXPECT_EQ(discontinuities(decoded.frames), 1);
  EXPECT_TRUE(decoded.frames.at(10).times().discontinuity);
  EXPECT_THAT(log, testing::HasSubstr("the time of frame 10 does not follow"));
}

TEST_F(FrameTimesOf, AnAnimationAreThoseOfItsPictures) {
  const std::vector<double> times =
      times_s(decode_all(make("-f lavfi -i testsrc=s=64x48:r=10:d=0.5", "a.gif")).frames);

  ASSERT_EQ(times.size(), 5u);
  EXPECT_NEAR(times[4], 0.4, 1e-6);
}

TEST_F(FrameTimesOf, AFrameCarryTheArrivalOfItsOwnPacket) {
  const auto source = open_source(
      {.name =
           make("-f lavfi -i testsrc=s=64x48:r=25:d=1 -c:v libx264 -bf 3 -b_strategy 0", "a.mp4")});
  ASSERT_TRUE(source);
  for (const int threads : {1, 3}) {
    const auto again = open_source({.name = path("a.mp4")});
    auto decoder = VideoDecoder::create((*again)->stream(), {.threads = threads});
    ASSERT_TRUE(decoder);
    std::vector<StreamItem> items;
    int number = 0;
    for (;;) {
      SourceItem item = *(*again)->read();
      if (!std::holds_alternative<Packet>(item)) break;
      auto& packet = std::get<Packet>(item);
      packet.arrival = ArrivalTime(std::chrono::nanoseconds(++number));
      decoder->decode(packet, items);
    }
    decoder->finish(items);

    std::vector<std::int64_t> arrivals;
    for (const StreamItem& item : items) {
      arrivals.push_back(std::get<Frame>(item).times().arrival.time_since_epoch().count());
    }
    // I B B B P: the picture that is shown fifth comes second.
    ASSERT_EQ(arrivals.size(), 25u);
    EXPECT_EQ(arrivals[0], 1);
    EXPECT_EQ(arrivals[4], 2);
    std::sort(arrivals.begin(), arrivals.end());
    EXPECT_EQ(std::unique(arrivals.begin(), arrivals.end()), arrivals.end());
  }
}

TEST(StreamDescription, RefusesTimesBeyondAllReason) {
  StreamDescription stream;
  stream.time_base_denominator = 90'000;

  EXPECT_EQ(stream.time_after_start(45'000)->since_start, std::chrono::milliseconds(500));
  EXPECT_EQ(stream.time_after_start(-45'000)->since_start, std::chrono::milliseconds(-500));
  EXPECT_EQ(stream.time_after_start(std::numeric_limits<std::int64_t>::max()), std::nullopt);
  EXPECT_EQ(stream.time_after_start(std::numeric_limits<std::int64_t>::min()), std::nullopt);
  stream.time_base_denominator = 0;
  EXPECT_EQ(stream.time_after_start(1), std::nullopt);
}

}  // namespace
}  // namespace retinue
