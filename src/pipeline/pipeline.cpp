#include "pipeline/pipeline.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "pipeline/bounded_queue.hpp"

namespace retinue {

namespace {

AnalysedItem analysed(PipelineItem item, Lane& lane) {
  AnalysedItem result{.source = item.source, .content = SourceEnd{}};
  if (auto* frame = std::get_if<Frame>(&item.content)) {
    result.content = lane.analyse(std::move(*frame));
  } else if (auto* failure = std::get_if<DecodeFailure>(&item.content)) {
    result.content = std::move(*failure);
  } else if (auto* begin = std::get_if<SourceBegin>(&item.content)) {
    result.content = std::move(*begin);
  } else {
    result.content = std::move(std::get<SourceEnd>(item.content));
  }
  return result;
}

Result<void> run_inline(ItemProducer& producer, Lane& lane, ItemConsumer& consumer) {
  while (std::optional<PipelineItem> item = producer.next()) {
    TRY(consumer.consume(analysed(std::move(*item), lane)));
  }
  return {};
}

/// Restores the producer's order and bounds how many items are alive. Thread-safe.
class Turnstile {
 public:
  Turnstile(ItemConsumer& consumer, std::size_t capacity) : consumer_(consumer), free_(capacity) {}

  /// Waits until another item may be made. False when the run has failed.
  bool enter() {
    const MutexLock lock(mutex_);
    const auto may_enter = [this]() RETINUE_TSA(no_thread_safety_analysis) {
      return free_ > 0 || failed_;
    };
    changed_.wait(mutex_, may_enter);
    if (failed_) return false;
    --free_;
    return true;
  }

  /// Hands in the item that was made as the `sequence`-th. The thread whose item is next consumes
  /// it and those that waited for it.
  void leave(std::uint64_t sequence, AnalysedItem item) {
    {
      const MutexLock lock(mutex_);
      waiting_.emplace(sequence, std::move(item));
      if (consuming_) return;
      consuming_ = true;
    }
    while (std::optional<AnalysedItem> next = take_next())
      consume(std::move(*next));
  }

  Result<void> result() {
    const MutexLock lock(mutex_);
    return std::move(result_);
  }

 private:
  std::optional<AnalysedItem> take_next() {
    const MutexLock lock(mutex_);
    const auto first = waiting_.begin();
    if (failed_ || first == waiting_.end() || first->first != next_) {
      consuming_ = false;
      return std::nullopt;
    }
    AnalysedItem item = std::move(first->second);
    waiting_.erase(first);
    ++next_;
    return item;
  }

  void consume(AnalysedItem item) {
    Result<void> done = consumer_.consume(std::move(item));
    const MutexLock lock(mutex_);
    ++free_;
    if (!done && !failed_) {
      failed_ = true;
      result_ = std::move(done);
      waiting_.clear();
    }
    changed_.notify_one();
  }

  ItemConsumer& consumer_;
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::uint64_t, AnalysedItem> waiting_ GUARDED_BY(mutex_);
  std::uint64_t next_ GUARDED_BY(mutex_) = 0;
  std::size_t free_ GUARDED_BY(mutex_);
  bool consuming_ GUARDED_BY(mutex_) = false;
  bool failed_ GUARDED_BY(mutex_) = false;
  Result<void> result_ GUARDED_BY(mutex_);
};

struct NumberedItem {
  std::uint64_t sequence;
  PipelineItem item;
};

/// Ends the lanes however the producing scope is left: a lane that waits for an item would never be
/// joined, as when the system gives no thread for the next one.
class CloseAtEnd {
 public:
  explicit CloseAtEnd(BoundedQueue<NumberedItem>& queue) : queue_(queue) {}
  ~CloseAtEnd() { queue_.close(); }
  CloseAtEnd(const CloseAtEnd&) = delete;
  CloseAtEnd& operator=(const CloseAtEnd&) = delete;
  CloseAtEnd(CloseAtEnd&&) = delete;
  CloseAtEnd& operator=(CloseAtEnd&&) = delete;

 private:
  BoundedQueue<NumberedItem>& queue_;
};

}  // namespace

Result<void> run_pipeline(ItemProducer& producer, std::span<const std::unique_ptr<Lane>> lanes,
                          ItemConsumer& consumer, const PipelineSettings& settings) {
  if (settings.sequential) return run_inline(producer, *lanes.front(), consumer);

  const std::size_t in_flight = settings.queue + 2 * lanes.size();
  Turnstile turnstile(consumer, in_flight);
  BoundedQueue<NumberedItem> queue(in_flight);
  {
    std::vector<std::jthread> threads;
    const CloseAtEnd close_at_end(queue);
    for (const std::unique_ptr<Lane>& lane : lanes) {
      threads.emplace_back([&queue, &turnstile, lane = lane.get()] {
        while (std::optional<NumberedItem> item = queue.pop({})) {
          turnstile.leave(item->sequence, analysed(std::move(item->item), *lane));
        }
      });
    }
    for (std::uint64_t sequence = 0; turnstile.enter(); ++sequence) {
      std::optional<PipelineItem> item = producer.next();
      if (!item) break;
      queue.push({sequence, std::move(*item)}, {});
    }
  }  // The lanes finish what is queued.
  return turnstile.result();
}

}  // namespace retinue
