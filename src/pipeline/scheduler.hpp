/// Decides what each lane does next, and hands results on in their sources' order.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/mutex.hpp"
#include "base/object_pool.hpp"
#include "base/result.hpp"
#include "pipeline/awake_wait.hpp"
#include "pipeline/detection_interval.hpp"
#include "pipeline/lane.hpp"
#include "pipeline/overload_control.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/queue_depth.hpp"
#include "pipeline/sleeping_lanes.hpp"
#include "task/source_follower.hpp"

namespace retinue {

/// What a lane without work does.
enum class LaneWait {
  asleep,
  awake_first,  ///< As long as `AwakeWait` says. For lanes that have a core to themselves.
};

/// The shared state of a running pipeline: the sources' mailboxes and queues, the frames in work,
/// and whose turn it is. Producers push on their threads, lanes run on theirs. Thread-safe.
class Scheduler {
 public:
  /// All but `settings` is borrowed.
  Scheduler(std::span<const PipelineSource> sources, const AnalysisPlan& plan,
            ItemConsumer& consumer, const PipelineSettings& settings, std::size_t lanes,
            LaneWait lane_wait);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  Scheduler(Scheduler&&) = delete;
  Scheduler& operator=(Scheduler&&) = delete;

  /// Waits until `source` may have another frame; live sources never wait. False when the run has
  /// failed: nothing more is wanted.
  bool wait_for_room(std::size_t source);

  /// Hands in the next item of `source`. A live source's frame replaces the one that waits.
  void push(std::size_t source, PipelineItem item);

  /// `source` has no more items.
  void close(std::size_t source);

  /// Works until every source is closed and consumed, or the run has failed.
  void run(Lane& lane);

  /// Ends the run with an error of the caller's.
  void abandon(Error error);

  /// The first error: the consumer's or the caller's.
  Result<void> result();

  /// The items of all sources, with what is made of them: each serves again when it was consumed.
  PoolStatistics frames();

 private:
  struct Job;
  struct Feed;
  /// What a lane does next.
  struct Work {
    enum class Kind { advance, group, hand_on };
    Kind kind = Kind::advance;
    Job* job = nullptr;      ///< Not of hand_on.
    std::size_t group = 0;   ///< Of group.
    std::size_t source = 0;  ///< Of hand_on.
  };

  /// How a lane waits for work.
  struct Waiting {
    AwakeWait awake;
    SleepingLane asleep;
  };

  std::optional<Work> take(Waiting& waiting);
  bool stay_awake(AwakeWait& awake) REQUIRES(mutex_);
  void sleep(SleepingLane& lane) REQUIRES(mutex_);
  void wake_a_lane() REQUIRES(mutex_);
  void wake_lanes() REQUIRES(mutex_);
  std::optional<Work> next_work() REQUIRES(mutex_);
  std::optional<Work> work_in_progress() REQUIRES(mutex_);
  Job* start_next_frame() REQUIRES(mutex_);
  bool may_start(const Feed& feed) const REQUIRES(mutex_);
  bool has_room(const Feed& feed) const REQUIRES(mutex_);
  bool runs_low(const Feed& feed) const REQUIRES(mutex_);

  void advance(Lane& lane, Job& job);
  void run_group(Lane& lane, Job& job, std::size_t group);
  bool enter_turn(Job& job);
  void leave_turn(Job& job);
  bool open_step(Lane& lane, Job& job);
  void complete(Job& job);

  bool may_hand_on(const Feed& feed) const REQUIRES(mutex_);
  void hand_on(std::size_t source);
  Job* next_to_hand_on(Feed& feed);
  void close_current_source() REQUIRES(mutex_);
  void fail_run(Error error) REQUIRES(mutex_);
  static void check_books(const Feed& feed);

  Job* new_job(std::size_t source) REQUIRES(mutex_);
  void recycle(Job* job) REQUIRES(mutex_);
  bool finished() const REQUIRES(mutex_) { return open_feeds_ == 0 && alive_ == 0; }

  const AnalysisPlan& plan_;
  ItemConsumer& consumer_;
  const std::size_t lanes_;
  const LaneWait lane_wait_;
  const bool source_by_source_;

  Mutex mutex_;
  SleepingLanes sleeping_ GUARDED_BY(mutex_);
  /// Counts what wakes lanes. Changed under the lock; lanes that wait awake read it without.
  std::atomic<std::uint64_t> wakings_ = 0;
  std::deque<Feed> feeds_ GUARDED_BY(mutex_);
  std::vector<Feed*> active_ GUARDED_BY(mutex_);  ///< Those with jobs.
  std::vector<Job*> in_work_ GUARDED_BY(mutex_);  ///< Started, not complete; oldest first.
  std::vector<std::unique_ptr<Job>> jobs_ GUARDED_BY(mutex_);
  std::vector<Job*> free_jobs_ GUARDED_BY(mutex_);
  std::size_t alive_ GUARDED_BY(mutex_) = 0;       ///< Jobs of all feeds.
  std::size_t peak_ GUARDED_BY(mutex_) = 0;        ///< The most that were alive at once.
  std::size_t open_feeds_ GUARDED_BY(mutex_) = 0;  ///< Not closed yet.
  std::size_t current_ GUARDED_BY(mutex_) = 0;     ///< The lossless source that is handed on.
  QueueDepth queue_ GUARDED_BY(mutex_);
  OverloadControl load_ GUARDED_BY(mutex_);
  bool failed_ GUARDED_BY(mutex_) = false;
  Result<void> result_ GUARDED_BY(mutex_);
};

}  // namespace retinue
