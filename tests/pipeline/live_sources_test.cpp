// Several sources at once, and what becomes of frames that come faster than they are analysed.
#include <atomic>
#include <cstdint>
#include <deque>
#include <latch>
#include <mutex>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/pipeline_rig.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

/// The numbers of the frames in the order in which lanes began with them.
class AnalysisOrder {
 public:
  void add(std::uint64_t frame) {
    const std::scoped_lock lock(mutex_);
    frames_.push_back(frame);
  }
  std::vector<std::uint64_t> frames() const { return frames_; }

 private:
  std::mutex mutex_;
  std::vector<std::uint64_t> frames_;
};

/// One lane that is busy with frame 0 until it is released.
struct BusyLane {
  LaneRig rig{1, [this](FrameAnalysis& analysis) {
                const std::uint64_t frame = analysis.frame.times().index;
                order.add(frame);
                if (frame != 0) return;
                began.count_down();
                released.wait();
              }};
  std::latch began{1};
  std::latch released{1};
  AnalysisOrder order;
};

TEST(LiveSource, TheNewestFrameReplacesTheOneThatWaits) {
  BusyLane lane;
  CallbackProducer camera([&lane](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 1) lane.began.wait();
    if (n < 5) return numbered_frame(n);
    lane.released.count_down();
    return std::nullopt;
  });
  FrameLedger ledger;
  Recorder recorder([&ledger](const AnalysedItem&) -> Result<void> {
    ledger.deliver();
    return {};
  });
  ASSERT_TRUE(lane.rig.run({{.producer = &camera, .ledger = &ledger, .live = true}}, recorder));
  EXPECT_THAT(recorder.lines, ElementsAre("0 frame 0 face 0", "0 frame 4 face 4"));
  EXPECT_EQ(ledger.captured(), 5);
  EXPECT_EQ(ledger.dropped(DropReason::superseded), 3);
  EXPECT_EQ(ledger.in_flight(), 0);
}

TEST(LiveSource, OnlyFramesAreReplaced) {
  BusyLane lane;
  CallbackProducer camera([&lane](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 0) return SourceBegin{};
    if (n == 1) return numbered_frame(0);
    if (n == 2) lane.began.wait();
    if (n == 6) return SourceEnd{};
    if (n > 6) {
      lane.released.count_down();
      return std::nullopt;
    }
    if (n % 2 == 0) return DecodeFailure{.time = {}, .message = "lost " + std::to_string(n)};
    return numbered_frame(n);
  });
  Recorder recorder;
  ASSERT_TRUE(lane.rig.run({{.producer = &camera, .live = true}}, recorder));
  EXPECT_THAT(recorder.lines, ElementsAre("0 begin", "0 frame 0 face 0", "0 lost 2", "0 lost 4",
                                          "0 frame 5 face 5", "0 end"));
}

TEST(LiveSource, ResultsThatAreNotHandedOnKeepNewFramesFromBeingAnalysed) {
  constexpr std::uint64_t kFrames = 2000;
  std::latch handing_on(1);
  std::latch all_made(1);
  const LaneRig rig(2);
  CallbackProducer camera([&](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 1) handing_on.wait();
    if (n < kFrames) return numbered_frame(n);
    all_made.count_down();
    return std::nullopt;
  });
  Recorder recorder([&](const AnalysedItem& item) -> Result<void> {
    if (std::get<AnalysedFrame>(item.content).frame.times().index != 0) return {};
    handing_on.count_down();
    all_made.wait();
    return {};
  });
  ASSERT_TRUE(rig.run({{.producer = &camera, .live = true}}, recorder));
  // One that was done when frame 0 was handed on, and the newest.
  EXPECT_LE(recorder.lines.size(), 3U);
  EXPECT_EQ(recorder.lines.back(), "0 frame 1999 face 1999");
}

TEST(LiveSources, TheOneThatHasWaitedLongestIsNext) {
  BusyLane lane;
  std::latch second_waits(1);
  CallbackProducer first([&](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 0) return numbered_frame(0);
    if (n == 1) second_waits.wait();
    if (n == 1) return numbered_frame(1);
    lane.released.count_down();
    return std::nullopt;
  });
  CallbackProducer second([&](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 0) lane.began.wait();
    if (n == 0) return numbered_frame(100);
    second_waits.count_down();
    return std::nullopt;
  });
  Recorder recorder;
  ASSERT_TRUE(lane.rig.run(
      {{.producer = &first, .live = true}, {.producer = &second, .live = true}}, recorder));
  EXPECT_THAT(lane.order.frames(), ElementsAre(0, 100, 1));
}

TEST(LiveSources, AReplacementKeepsThePlaceOfWhatItReplaces) {
  BusyLane lane;
  std::latch first_waits(1);
  std::latch second_waits(1);
  CallbackProducer first([&](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 0) return numbered_frame(0);
    if (n == 1) lane.began.wait();
    if (n == 1) return numbered_frame(1);
    if (n == 2) {
      first_waits.count_down();
      second_waits.wait();
      return numbered_frame(2);
    }
    lane.released.count_down();
    return std::nullopt;
  });
  CallbackProducer second([&](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 0) first_waits.wait();
    if (n == 0) return numbered_frame(100);
    second_waits.count_down();
    return std::nullopt;
  });
  Recorder recorder;
  ASSERT_TRUE(lane.rig.run(
      {{.producer = &first, .live = true}, {.producer = &second, .live = true}}, recorder));
  EXPECT_THAT(lane.order.frames(), ElementsAre(0, 2, 100))
      << "a source with more frames a second is not put off by them";
}

TEST(Sources, OneThatStallsDoesNotHoldUpTheOthers) {
  std::latch others_done(2);
  CallbackProducer stalled([&others_done](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 0) others_done.wait();
    if (n < 3) return numbered_frame(n);
    return std::nullopt;
  });
  const auto source = [] {
    return CallbackProducer([](std::uint64_t n) -> std::optional<PipelineItem> {
      if (n < 50) return numbered_frame(n);
      if (n == 50) return SourceEnd{};
      return std::nullopt;
    });
  };
  CallbackProducer file = source();
  CallbackProducer camera = source();
  Recorder recorder([&others_done](const AnalysedItem& item) -> Result<void> {
    if (std::holds_alternative<SourceEnd>(item.content)) others_done.count_down();
    return {};
  });
  const LaneRig rig(2);
  ASSERT_TRUE(
      rig.run({{.producer = &stalled}, {.producer = &file}, {.producer = &camera, .live = true}},
              recorder, {.source_by_source = false}));
  EXPECT_THAT(recorder.lines, testing::IsSupersetOf(lines_of_frames(50, 1)));
  EXPECT_THAT(recorder.lines, testing::IsSupersetOf(lines_of_frames(3, 0)));
}

TEST(Sources, AreHandedOnOneBehindTheOtherIfAsked) {
  // The first source gives nothing before the second has given all that it may.
  std::latch second_is_full(1);
  CallbackProducer first([&second_is_full](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 0) second_is_full.wait();
    if (n < 20) return numbered_frame(n);
    return std::nullopt;
  });
  CallbackProducer second([&second_is_full](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 3) second_is_full.count_down();
    if (n < 20) return numbered_frame(n);
    return std::nullopt;
  });
  Recorder recorder;
  const LaneRig rig(2);
  ASSERT_TRUE(
      rig.run({{.producer = &first}, {.producer = &second}}, recorder, {.source_by_source = true}));
  std::vector<std::string> expected = lines_of_frames(20, 0);
  for (const std::string& line : lines_of_frames(20, 1))
    expected.push_back(line);
  EXPECT_THAT(recorder.lines, ElementsAreArray(expected));
}

TEST(Sources, AsManyLosslessOnesAreReadAtOnceAsAsked) {
  std::atomic<int> reading = 0;
  std::atomic<int> most = 0;
  std::deque<CallbackProducer> producers;
  std::vector<PipelineSource> sources;
  for (int i = 0; i < 12; ++i) {
    producers.emplace_back([&](std::uint64_t n) -> std::optional<PipelineItem> {
      if (n == 0) {
        const int now = ++reading;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
      }
      if (n < 5) return numbered_frame(n);
      --reading;
      return std::nullopt;
    });
    sources.push_back({.producer = &producers.back()});
  }
  Recorder recorder;
  const LaneRig rig(2);
  ASSERT_TRUE(rig.run(sources, recorder, {.lossless_at_once = 3}));
  EXPECT_LE(most, 3);
  EXPECT_EQ(recorder.lines.size(), 60U);
}

}  // namespace
}  // namespace retinue
