/// Whole pipelines whose allocations are counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "allocation/allocation_count.hpp"
#include "pipeline/pipeline.hpp"
#include "preprocess/sampler.hpp"
#include "source/source_list.hpp"
#include "worker/output_set.hpp"
#include "worker/result_consumer.hpp"
#include "worker/source_producer.hpp"

namespace retinue {

/// The first frames of a video, by way of the program's own producer.
inline std::vector<Frame> first_frames(const std::string& path, std::uint64_t count) {
  StageTable stages;
  FrameLedger ledger;
  const PlannedSource planned{path, expand_source(path)->front()};
  SourceProducer producer(planned, ledger, {.frames = {.end = count}, .stages = &stages});
  std::vector<Frame> frames;
  while (std::optional<PipelineItem> item = producer.next()) {
    if (auto* frame = std::get_if<Frame>(&*item)) frames.push_back(std::move(*frame));
  }
  return frames;
}

/// What a loop and its consumer know of each other.
struct RoundState {
  std::atomic<bool> ended = false;
  std::atomic<std::uint64_t> consumed = 0;
};

/// The same frames over and over, until the rounds have ended.
class Loop final : public ItemProducer {
 public:
  Loop(const std::vector<Frame>& frames, const RoundState& state)
      : frames_(frames), state_(state) {}

  std::optional<PipelineItem> next() override {
    const std::uint64_t n = given_++;
    if (n == 0) return SourceBegin{std::make_shared<const StreamDescription>()};
    wait_for_consumer();
    if (std::exchange(end_given_, state_.ended.load())) return std::nullopt;
    if (state_.ended) return SourceEnd{};
    Frame frame = frames_[(n - 1) % frames_.size()];
    frame.set_arrival(arrival_now());
    return frame;
  }

 private:
  /// A live source never waits by itself: it gets a few frames ahead here, so that some are
  /// replaced.
  void wait_for_consumer() {
    constexpr std::uint64_t kMostAhead = 16;
    if (++ahead_ < kMostAhead) return;
    state_.consumed.wait(seen_);
    seen_ = state_.consumed;
    ahead_ = 0;
  }

  const std::vector<Frame>& frames_;
  const RoundState& state_;
  std::uint64_t given_ = 0;
  std::uint64_t ahead_ = 0;
  std::uint64_t seen_ = 0;  ///< Of the consumed frames.
  bool end_given_ = false;
};

/// Counts what each round of frames allocates, and ends the loop after one that allocated nothing.
class CountedRounds final : public ItemConsumer {
 public:
  CountedRounds(ItemConsumer& consumer, std::size_t frames, RoundState& state)
      : consumer_(consumer), frames_(frames), state_(state) {
    rounds.reserve(kMostRounds);
  }

  Result<void> consume(AnalysedItem& item) override {
    const auto* frame = std::get_if<AnalysedFrame>(&item.content);
    const bool is_frame = frame != nullptr;
    if (is_frame && frame->error) ++errors;
    Result<void> done = consumer_.consume(item);
    if (!is_frame) return done;
    const std::uint64_t consumed = ++state_.consumed;
    if (!state_.ended && consumed % frames_ == 0) end_round(consumed == frames_);
    state_.consumed.notify_all();
    return done;
  }

  std::vector<AllocationCount> rounds;  ///< The first, in which everything is new, left out.
  int errors = 0;

 private:
  // Which lane sees which region, and how many frames are alive at once, is a matter of timing
  // where there are several lanes: a few rounds may pass until each has seen its largest.
  static constexpr std::size_t kMostRounds = 20;

  void end_round(bool first) {
    if (!first) rounds.push_back(stop_counting_allocations());
    if ((!rounds.empty() && rounds.back().own == 0) || rounds.size() == kMostRounds) {
      state_.ended = true;
    } else {
      start_counting_allocations();
    }
  }

  ItemConsumer& consumer_;
  std::size_t frames_;
  RoundState& state_;
};

/// How frames are analysed.
struct Way {
  std::string name;
  bool sequential = false;
  bool live = false;
  std::optional<int> detect_every;
};

/// What came out.
struct CountedRun {
  std::vector<AllocationCount> rounds;
  int errors = 0;  ///< Frames that failed.
  std::int64_t faces = 0;
  PoolStatistics pool;
};

inline TaskSet all_tasks() {
  TaskSet tasks;
  for (const TaskName task : kTaskNames)
    tasks.insert(task);
  return tasks;
}

/// Rounds of the frames through a whole pipeline, from a producer to a file of records, until one
/// allocates nothing of ours.
inline Result<CountedRun> count_rounds(const std::vector<Frame>& frames, const AnalysisPlan& plan,
                                       const Way& way) {
  StageTable stages;
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < (way.sequential ? 1 : 2); ++i) {
    std::unique_ptr<Sampler> sampler = TRY(create_sampler({}));
    lanes.push_back(std::make_unique<Lane>(LaneSettings{.steps = plan.steps, .stages = &stages},
                                           std::move(sampler)));
  }
  FrameLedger ledger;
  SourceReport report;
  RunProgress progress;
  const OutputSet outputs = TRY(OutputSet::create({.jsonl = "/dev/null"}, all_tasks()));
  ResultConsumer consumer(
      {{.name = "loop", .live = way.live, .ledger = &ledger, .report = &report}}, &outputs,
      {.tasks = all_tasks(), .stages = &stages, .progress = &progress});
  RoundState state;
  CountedRounds counted(consumer, frames.size(), state);
  Loop loop(frames, state);
  CountedRun run;
  TRY(run_pipeline(std::vector<PipelineSource>{{.producer = &loop,
                                                .ledger = &ledger,
                                                .live = way.live,
                                                .follow = way.detect_every != 1,
                                                .detect_every = way.detect_every}},
                   plan, lanes, counted,
                   {.queue = 2, .sequential = way.sequential, .frames = &run.pool}));
  run.rounds = std::move(counted.rounds);
  run.errors = counted.errors;
  run.faces = report.faces;
  return run;
}

/// What frames `first` to `end` of a source allocate before they reach a pipeline.
inline AllocationCount allocations_of_reading(const SourceSpec& spec, std::uint64_t first,
                                              std::uint64_t end, bool live) {
  StageTable stages;
  FrameLedger ledger;
  const PlannedSource planned{spec.name, spec};
  SourceProducer producer(planned, ledger, {.live = live, .stages = &stages});
  std::uint64_t frames = 0;
  while (frames < end) {
    std::optional<PipelineItem> item = producer.next();
    if (!item) break;
    if (std::holds_alternative<Frame>(*item) && ++frames == first) start_counting_allocations();
  }
  return stop_counting_allocations();
}

}  // namespace retinue
