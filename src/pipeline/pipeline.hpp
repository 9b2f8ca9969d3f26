/// The lossless pipeline: one producer, lanes, one consumer that gets everything in order.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>

#include "base/result.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/pipeline_item.hpp"

namespace retinue {

/// Makes items, source by source. Thread-bound to the producing thread.
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

/// Takes items in the producer's order, one at a time; not always on the same thread.
class ItemConsumer {
 public:
  virtual ~ItemConsumer() = default;
  ItemConsumer() = default;
  ItemConsumer(const ItemConsumer&) = delete;
  ItemConsumer& operator=(const ItemConsumer&) = delete;
  ItemConsumer(ItemConsumer&&) = delete;
  ItemConsumer& operator=(ItemConsumer&&) = delete;

  /// An error ends the run.
  virtual Result<void> consume(AnalysedItem item) = 0;
};

struct PipelineSettings {
  /// Items that may wait for a lane. Together with those in the lanes and those that wait for their
  /// turn, never more than `queue + 2 · lanes` are alive: memory does not depend on the sources'
  /// length.
  std::size_t queue = 4;
  /// Everything inline on the calling thread: the reference that every parallel run equals.
  bool sequential = false;
};

/// Runs until the producer's last item is consumed, or the consumer fails. Frames are analysed on
/// `lanes.size()` threads of their own (on the caller's when sequential), in any order; what the
/// consumer gets depends on the items alone, never on timing. At least one lane.
///
/// Errors  the consumer's first error.
Result<void> run_pipeline(ItemProducer& producer, std::span<const std::unique_ptr<Lane>> lanes,
                          ItemConsumer& consumer, const PipelineSettings& settings);

}  // namespace retinue
