#include "pipeline/pipeline.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/core_affinity.hpp"
#include "pipeline/pipeline_rig.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr PipelineSettings kSequential{.sequential = true};

TEST(RunPipeline, OfNothingIsNothing) {
  for (const PipelineSettings& settings : {PipelineSettings{}, kSequential}) {
    CallbackProducer producer = frames(0);
    Recorder recorder;
    const LaneRig rig(2);
    EXPECT_TRUE(rig.run(producer, recorder, settings));
    EXPECT_THAT(recorder.lines, IsEmpty());
  }
}

TEST(RunPipeline, OfOneFrameIsThatFrame) {
  for (const PipelineSettings& settings : {PipelineSettings{}, kSequential}) {
    const LaneRig rig(2);
    CallbackProducer producer = frames(1);
    Recorder recorder;
    EXPECT_TRUE(rig.run(producer, recorder, settings));
    EXPECT_EQ(recorder.lines, lines_of_frames(1));
  }
}

TEST(RunPipeline, RestoresTheOrderOfFramesThatFinishInAnother) {
  // Frame 0 is not done before all that can be in flight beside it are.
  constexpr std::uint64_t kFrames = 6;
  std::latch others_done(kFrames - 1);
  const LaneRig rig(2, [&others_done](FrameAnalysis& analysis) {
    if (analysis.frame.times().index == 0) {
      others_done.wait();
    } else {
      others_done.count_down();
    }
  });
  CallbackProducer producer = frames(kFrames);
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder, {.queue = 4}));
  EXPECT_EQ(recorder.lines, lines_of_frames(kFrames));
}

TEST(RunPipeline, AnalysesFramesOnAllLanesAtOnce) {
  std::latch all_there(3);
  const LaneRig rig(3, [&all_there](FrameAnalysis&) { all_there.arrive_and_wait(); });
  CallbackProducer producer = frames(3);
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder, {}));
  EXPECT_EQ(recorder.lines, lines_of_frames(3));
}

TEST(RunPipeline, ParallelEqualsSequential) {
  const LaneRig rig(4);
  CallbackProducer parallel_frames = frames(200);
  CallbackProducer sequential_frames = frames(200);
  Recorder parallel;
  Recorder sequential;
  ASSERT_TRUE(rig.run(parallel_frames, parallel, {}));
  ASSERT_TRUE(rig.run(sequential_frames, sequential, kSequential));
  EXPECT_EQ(parallel.lines, sequential.lines);
}

TEST(RunPipeline, SequentialRunsOnTheCallersThread) {
  std::set<std::thread::id> threads;
  const LaneRig rig(1, [&threads](FrameAnalysis&) { threads.insert(std::this_thread::get_id()); });
  CallbackProducer producer = frames(5);
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder, kSequential));
  EXPECT_THAT(threads, ElementsAre(std::this_thread::get_id()));
}

/// Gives these items.
CallbackProducer items(std::vector<PipelineItem> list) {
  return CallbackProducer([list = std::move(list)](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == list.size()) return std::nullopt;
    return list[n];
  });
}

TEST(RunPipeline, PassesEverythingOnInOrder) {
  for (const PipelineSettings& settings : {PipelineSettings{}, kSequential}) {
    const LaneRig rig(2);
    CallbackProducer good = items({SourceBegin{}, numbered_frame(0),
                                   DecodeFailure{.time = {}, .message = "lost"}, SourceEnd{}});
    CallbackProducer missing =
        items({SourceEnd{.error = Error(ErrorCode::not_found, "no such file")}});
    CallbackProducer damaged =
        items({SourceBegin{}, SourceEnd{.error = Error(ErrorCode::corrupt_input, "cut short")}});
    Recorder recorder;
    ASSERT_TRUE(rig.run({{.producer = &good}, {.producer = &missing}, {.producer = &damaged}},
                        recorder, settings));
    EXPECT_THAT(recorder.lines, ElementsAre("0 begin", "0 frame 0 face 0", "0 lost", "0 end",
                                            "1 end: no such file", "2 begin", "2 end: cut short"));
  }
}

TEST(RunPipeline, TheConsumersErrorEndsTheRunAndIsReturned) {
  for (const PipelineSettings& settings : {PipelineSettings{}, kSequential}) {
    const LaneRig rig(3);
    CallbackProducer endless([](std::uint64_t n) { return numbered_frame(n); });
    Recorder recorder([](const AnalysedItem& item) -> Result<void> {
      if (std::get<AnalysedFrame>(item.content).frame.times().index < 10) return {};
      return fail(ErrorCode::resource_exhausted, "the disk is full");
    });
    const Result<void> done = rig.run(endless, recorder, settings);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::resource_exhausted);
    EXPECT_EQ(done.error().message(), "the disk is full");
    EXPECT_EQ(recorder.lines, lines_of_frames(11)) << "nothing is consumed after the error";
  }
}

TEST(RunPipeline, KeepsNoMoreAliveThanItSays) {
  constexpr std::size_t kQueue = 3;
  constexpr std::size_t kLanes = 2;
  constexpr std::size_t kLimit = kQueue + 2 * kLanes;
  std::atomic<std::size_t> produced = 0;
  std::atomic<std::size_t> consumed = 0;
  std::size_t most_alive = 0;
  // Frame 0 holds everything up until the producer has made all that it may.
  const LaneRig rig(kLanes, [&produced](FrameAnalysis& analysis) {
    if (analysis.frame.times().index != 0) return;
    for (std::size_t made = produced; made < kLimit; made = produced)
      produced.wait(made);
  });
  CallbackProducer producer([&](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 50) return std::nullopt;
    most_alive = std::max(most_alive, ++produced - consumed);
    produced.notify_all();
    return numbered_frame(n);
  });
  Recorder recorder([&consumed](const AnalysedItem&) -> Result<void> {
    ++consumed;
    return {};
  });
  ASSERT_TRUE(rig.run(producer, recorder, {.queue = kQueue}));
  EXPECT_EQ(most_alive, kLimit);
  EXPECT_EQ(recorder.lines.size(), 50U);
}

TEST(RunPipeline, DecodingGoesBeforeTheLanes) {
  constexpr id_t kThisThread = 0;
  int of_producer = 0;
  std::atomic<int> of_lane = 0;
  const LaneRig rig(
      1, [&of_lane](FrameAnalysis&) { of_lane = getpriority(PRIO_PROCESS, kThisThread); });
  CallbackProducer producer([&of_producer](std::uint64_t n) -> std::optional<PipelineItem> {
    of_producer = getpriority(PRIO_PROCESS, kThisThread);
    if (n == 1) return std::nullopt;
    return numbered_frame(n);
  });
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder, {}));
  constexpr int kNicest = 19;
  EXPECT_TRUE(of_producer < of_lane || of_producer == kNicest) << "who is nicer waits";
}

/// Which cores lanes and consumers might run on.
struct SeenCores {
  std::mutex mutex;
  std::set<std::vector<std::size_t>> of_lanes;
  std::set<std::vector<std::size_t>> of_consumer;
};

std::vector<std::size_t> cores_of_this_thread() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  std::vector<std::size_t> cores;
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

/// Runs a frame on each of `lanes` lanes at the same time.
void run_on_every_lane(std::size_t lanes, SeenCores& seen) {
  std::latch all_busy(static_cast<std::ptrdiff_t>(lanes));
  const LaneRig rig(lanes, [&](FrameAnalysis&) {
    {
      const std::scoped_lock lock(seen.mutex);
      seen.of_lanes.insert(cores_of_this_thread());
    }
    all_busy.arrive_and_wait();
  });
  CallbackProducer producer = frames(lanes);
  Recorder recorder([&seen](const AnalysedItem&) -> Result<void> {
    const std::scoped_lock lock(seen.mutex);
    seen.of_consumer.insert(cores_of_this_thread());
    return {};
  });
  ASSERT_TRUE(rig.run(producer, recorder, {}));
}

TEST(RunPipeline, LanesOfRecordingsKeepToACoreEachIfThereIsALaneForEveryCore) {
  const std::vector<std::size_t> cores = cores_of_this_thread();
  SeenCores seen;
  run_on_every_lane(cores.size(), seen);
  std::set<std::vector<std::size_t>> one_each;
  for (const std::size_t core : cores)
    one_each.insert({core});
  EXPECT_EQ(seen.of_lanes, one_each);
}

TEST(RunPipeline, ConsumersMayStartThreadsForAllCores) {
  const std::vector<std::size_t> cores = cores_of_this_thread();
  SeenCores seen;
  run_on_every_lane(cores.size(), seen);
  EXPECT_EQ(seen.of_consumer, std::set{cores});
}

TEST(RunPipeline, LanesMayRunAnywhereIfThereIsNotOneForEveryCore) {
  const std::vector<std::size_t> cores = cores_of_this_thread();
  SeenCores seen;
  run_on_every_lane(cores.size() + 1, seen);
  EXPECT_EQ(seen.of_lanes, std::set{cores});
}

/// The states of this process's threads whose names begin with `name`, as proc(5) has them.
std::string states_of_threads(std::string_view name) {
  std::string states;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(thread.path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    const std::size_t open = stat.find('(');
    const std::size_t close = stat.rfind(')');
    if (close == std::string::npos || !std::string_view(stat).substr(open + 1).starts_with(name))
      continue;
    states += stat.at(close + 2);
  }
  return states;
}

// A lane that stays awake for good hangs this test.
TEST(RunPipeline, LanesFallAsleepWhenNoFrameComes) {
  const std::size_t lanes = cores_of_this_thread().size();
  const LaneRig rig(lanes);
  CallbackProducer producer([lanes](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == 2) return std::nullopt;
    while (states_of_threads("lane ") != std::string(lanes, 'S'))
      std::this_thread::yield();
    return numbered_frame(n);
  });
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder));
  EXPECT_EQ(recorder.lines, lines_of_frames(2));
}

/// Until every lane of `lanes` sleeps, and does not just wait for another to leave the scheduler.
void wait_until_lanes_sleep(std::size_t lanes) {
  constexpr int kTimesInARow = 3;
  int times = 0;
  while (times < kTimesInARow) {
    times = states_of_threads("lane ") == std::string(lanes, 'S') ? times + 1 : 0;
    std::this_thread::yield();
  }
}

TEST(RunPipeline, AFrameWakesALaneOfAnotherCoreThanTheDecoders) {
  const std::vector<std::size_t> cores = cores_of_this_thread();
  if (cores.size() < 2) GTEST_SKIP() << "needs two cores";
  constexpr std::uint64_t kFrames = 6;
  const CoreSet all = CoreSet::of_this_thread().value();
  std::vector<std::size_t> of_lanes;  // One frame at a time is in work.
  const LaneRig rig(cores.size(), [&of_lanes](FrameAnalysis&) {
    of_lanes.push_back(cores_of_this_thread().front());
  });
  CallbackProducer producer([&](std::uint64_t n) -> std::optional<PipelineItem> {
    all.nth(n % cores.size()).bind_this_thread();
    wait_until_lanes_sleep(cores.size());
    if (n == kFrames) return std::nullopt;  // Which wakes all lanes.
    return numbered_frame(n);
  });
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder));
  ASSERT_EQ(of_lanes.size(), kFrames);
  for (std::uint64_t n = 0; n < kFrames; ++n)
    EXPECT_NE(of_lanes[n], cores[n % cores.size()]) << n;
}

TEST(RunPipeline, LanesOfLiveSourcesMayRunAnywhere) {
  const std::vector<std::size_t> cores = cores_of_this_thread();
  std::vector<std::size_t> of_lane;
  const LaneRig rig(cores.size(), [&of_lane](FrameAnalysis&) { of_lane = cores_of_this_thread(); });
  CallbackProducer camera = frames(1);
  Recorder recorder;
  ASSERT_TRUE(rig.run({{.producer = &camera, .live = true}}, recorder));
  EXPECT_EQ(of_lane, cores);
}

TEST(RunPipeline, RunsWithoutAQueue) {
  const LaneRig rig(1);
  CallbackProducer producer = frames(20);
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder, {.queue = 0}));
  EXPECT_EQ(recorder.lines, lines_of_frames(20));
}

}  // namespace
}  // namespace retinue
