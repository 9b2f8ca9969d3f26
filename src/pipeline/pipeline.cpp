#include "pipeline/pipeline.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/core_affinity.hpp"
#include "pipeline/detection_interval.hpp"
#include "pipeline/scheduler.hpp"

namespace retinue {

namespace {

/// What debuggers, top -H and traces show. At most 15 characters of it.
void name_this_thread(std::string name) {
  name.resize(std::min<std::size_t>(name.size(), 15));
  pthread_setname_np(pthread_self(), name.c_str());
}

/// Lets threads that decode go before lanes. A frame of a live source that is analysed late is
/// dropped and counted, but a packet that is decoded late makes every later frame late. And a
/// decoder of a recording that has only its share of the cores is never ahead: lanes would wait for
/// it time and again, and cores fall asleep.
void step_back_for_captures(bool live) {
  // Whatever else the machine does goes before lanes, too: no further back than it takes.
  const int steps = live ? 10 : 5;
  // Best effort. On Linux this is the calling thread's alone.
  static_cast<void>(nice(steps));
}

/// The cores that lanes keep to, one each: only when recordings are read and there is a lane for
/// each core that the process may use. A lane that a decoder interrupted is not moved for many
/// milliseconds when the decoder falls asleep elsewhere: two lanes on one core, and the other idle.
/// Fewer lanes than cores stay free, because other processes may have chosen the same.
std::optional<CoreSet> cores_to_keep_to(std::size_t lanes, bool live) {
  if (live) return std::nullopt;
  std::optional<CoreSet> cores = CoreSet::of_this_thread();
  if (!cores || cores->size() != lanes) return std::nullopt;
  return cores;
}

/// Lets consumers run, and start threads, on all cores: an encoder's threads inherit the core of
/// the lane that opens it.
class UnboundConsumer final : public ItemConsumer {
 public:
  /// `consumer` is borrowed.
  UnboundConsumer(ItemConsumer& consumer, const CoreSet& cores)
      : consumer_(consumer), cores_(cores) {}

  Result<void> consume(AnalysedItem& item) override {
    const CoreScope unbound(cores_);
    return consumer_.consume(item);
  }
  void load_changed(LoadLevel level) override { consumer_.load_changed(level); }

 private:
  ItemConsumer& consumer_;
  CoreSet cores_;
};

Result<void> run_source_inline(const PipelineSource& source, std::size_t index, Lane& lane,
                               ItemConsumer& consumer) {
  SourceFollower follower;
  DetectionInterval detection;
  FrameAnalysis analysis;
  AnalysedItem analysed{.source = index, .content = AnalysedFrame{}};
  while (std::optional<PipelineItem> item = source.producer->next()) {
    if (auto* frame = std::get_if<Frame>(&*item)) {
      if (source.ledger != nullptr) source.ledger->capture();
      Following following;
      if (source.follow) {
        if (frame->times().discontinuity) follower.reset();
        following = {.follower = &follower,
                     .detection_due = detection.next(source.detect_every.value_or(1))};
      }
      auto& found = std::get<AnalysedFrame>(analysed.content);
      lane.analyse(std::move(*frame), following, analysis, found);
      TRY(consumer.consume(analysed));
      found.release();
      continue;
    }
    AnalysedItem other{.source = index, .content = SourceEnd{}};
    if (auto* failure = std::get_if<DecodeFailure>(&*item)) {
      other.content = std::move(*failure);
    } else if (auto* begin = std::get_if<SourceBegin>(&*item)) {
      other.content = std::move(*begin);
    } else {
      other.content = std::get<SourceEnd>(*std::move(item));
    }
    TRY(consumer.consume(other));
  }
  return {};
}

void capture(const PipelineSource& source, std::size_t index, Scheduler& scheduler) {
  name_this_thread("source " + std::to_string(index));
  while (scheduler.wait_for_room(index)) {
    std::optional<PipelineItem> item = source.producer->next();
    if (!item) break;
    scheduler.push(index, *std::move(item));
  }
  scheduler.close(index);
}

/// The sources' threads: one for each live source, and those that read the lossless ones in turn.
class Captures {
 public:
  Captures(std::span<const PipelineSource> sources, Scheduler& scheduler)
      : sources_(sources), scheduler_(scheduler) {}

  void start(std::size_t lossless_at_once) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].live) {
        threads_.emplace_back([this, i] { capture(sources_[i], i, scheduler_); });
      }
    }
    const auto lossless = static_cast<std::size_t>(
        std::ranges::count_if(sources_, [](const PipelineSource& s) { return !s.live; }));
    for (std::size_t i = 0; i < std::min(lossless, lossless_at_once); ++i)
      threads_.emplace_back([this] { capture_lossless(); });
  }

 private:
  void capture_lossless() {
    for (std::size_t i = next_lossless_++; i < sources_.size(); i = next_lossless_++) {
      if (!sources_[i].live) capture(sources_[i], i, scheduler_);
    }
  }

  std::span<const PipelineSource> sources_;
  Scheduler& scheduler_;
  std::atomic<std::size_t> next_lossless_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace

Result<void> run_pipeline(std::span<const PipelineSource> sources, const AnalysisPlan& plan,
                          std::span<const std::unique_ptr<Lane>> lanes, ItemConsumer& consumer,
                          const PipelineSettings& settings) {
  if (settings.sequential) {
    for (std::size_t i = 0; i < sources.size(); ++i)
      TRY(run_source_inline(sources[i], i, *lanes.front(), consumer));
    if (settings.frames != nullptr) *settings.frames = {.created = 1, .in_use = 0, .peak = 1};
    return {};
  }
  const bool live = std::ranges::any_of(sources, &PipelineSource::live);
  const std::optional<CoreSet> cores = cores_to_keep_to(lanes.size(), live);
  std::optional<UnboundConsumer> unbound;
  if (cores) unbound.emplace(consumer, *cores);
  ItemConsumer& lane_consumer = unbound ? static_cast<ItemConsumer&>(*unbound) : consumer;
  Scheduler scheduler(sources, plan, lane_consumer, settings, lanes.size(),
                      cores ? LaneWait::awake_first : LaneWait::asleep);
  {
    Captures captures(sources, scheduler);
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 0; i < lanes.size(); ++i) {
        threads.emplace_back([&scheduler, &cores, &lane = *lanes[i], i, live] {
          name_this_thread("lane " + std::to_string(i));
          step_back_for_captures(live);
          if (cores) cores->nth(i).bind_this_thread();
          scheduler.run(lane);
        });
      }
      captures.start(settings.lossless_at_once == 0 ? lanes.size() : settings.lossless_at_once);
    } catch (const std::system_error& error) {
      // Threads that wait for others that never came would not end.
      scheduler.abandon(Error(ErrorCode::resource_exhausted,
                              std::string("starting a thread of the pipeline: ") + error.what()));
    }
  }
  if (settings.frames != nullptr) *settings.frames = scheduler.frames();
  return scheduler.result();
}

}  // namespace retinue
