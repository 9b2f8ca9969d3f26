/// The pipeline: a producer for each source, lanes, and a consumer that gets each source in order.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/object_pool.hpp"
#include "base/result.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/overload_control.hpp"
#include "pipeline/pipeline_item.hpp"
#include "task/task_list.hpp"
#include "telemetry/ledger.hpp"

namespace retinue {

/// Makes the items of one source. Thread-bound to the thread that captures it.
class ItemProducer {
 public:
  virtual ~ItemProducer() = default;
  ItemProducer() = default;
  ItemProducer(const ItemProducer&) = delete;
  ItemProducer& operator=(const ItemProducer&) = delete;
  ItemProducer(ItemProducer&&) = delete;
  ItemProducer& operator=(ItemProducer&&) = delete;

  /// Nullopt after the last item. A source that fails is a SourceEnd with its error.
  virtual std::optional<PipelineItem> next() = 0;
};

/// Takes the items of each source in its producer's order, one at a time; not always on the same
/// thread, and items of different sources at the same time.
class ItemConsumer {
 public:
  virtual ~ItemConsumer() = default;
  ItemConsumer() = default;
  ItemConsumer(const ItemConsumer&) = delete;
  ItemConsumer& operator=(const ItemConsumer&) = delete;
  ItemConsumer(ItemConsumer&&) = delete;
  ItemConsumer& operator=(ItemConsumer&&) = delete;

  /// `item` is lent; what is moved out of it is the consumer's, and the memory of what is not
  /// serves frames to come. An error ends the run.
  virtual Result<void> consume(AnalysedItem& item) = 0;

  /// The load of the live sources came to another level. Thread-safe.
  virtual void load_changed(LoadLevel) {}
};

/// A source and how it is treated.
struct PipelineSource {
  ItemProducer* producer = nullptr;  ///< Borrowed.
  FrameLedger* ledger = nullptr;     ///< Borrowed: where replaced frames are booked.
  /// The newest frame wins, and nobody waits. Otherwise every frame is analysed, and the producer
  /// waits.
  bool live = false;
  /// What is found is followed from frame to frame, and detectors run every `detect_every` frames;
  /// absent: as often as there is time for. The plan must have turns.
  bool follow = false;
  std::optional<int> detect_every;
};

struct PipelineSettings {
  /// Frames of a lossless source that may wait for a lane; absent: adapts between 2 and 16 for each
  /// lane. Together with those in the lanes and those that wait for their turn, never more than
  /// `queue + 2 · lanes` of a source are alive: memory does not depend on its length.
  std::optional<std::size_t> queue;
  /// Lossless sources that are read at the same time; 0: as many as there are lanes. Live sources
  /// all are.
  std::size_t lossless_at_once = 0;
  /// The consumer gets lossless sources one behind the other, in their order.
  bool source_by_source = true;
  /// Everything inline on the calling thread, source by source: the reference that every parallel
  /// run of lossless sources equals.
  bool sequential = false;
  /// Filled at the end, if not null: the frames with what is made of them, which serve again and
  /// again. Borrowed.
  PoolStatistics* frames = nullptr;
};

/// Runs until each producer's last item is consumed, or the consumer fails. Each live source and
/// each lossless source that is being read has a thread of its own; frames are analysed on
/// `lanes.size()` threads (on the caller's when sequential), in any order. What the consumer gets
/// of a lossless source depends on its items alone, never on timing.
///
/// Without live sources, and with a lane for each core that the caller may run on, every lane keeps
/// to a core of its own and waits awake for a moment before it sleeps; the consumer may run, and
/// start threads, on all of them.
///
/// A lane that is free takes what belongs to the oldest frame in work; then the first frame of the
/// source that has waited longest, so that none starves.
///
/// `plan` is what the lanes run. At least one lane; one is enough when sequential.
///
/// Errors  the consumer's first error; resource_exhausted: the system gives no more threads.
Result<void> run_pipeline(std::span<const PipelineSource> sources, const AnalysisPlan& plan,
                          std::span<const std::unique_ptr<Lane>> lanes, ItemConsumer& consumer,
                          const PipelineSettings& settings);

}  // namespace retinue
