#include "pipeline/scheduler.hpp"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

#include "pipeline/core_affinity.hpp"

namespace retinue {

/// An item on its way through the pipeline. Its lane changes it without the lock while `state` is
/// busy; everything else needs the lock.
struct Scheduler::Job {
  enum class State {
    waiting,  ///< A frame that no lane has taken yet.
    busy,     ///< One lane works on it.
    open,     ///< Any lane may take one of its groups.
    parked,   ///< Waits for its source's turn.
    ready,    ///< Any lane may go on with it.
    done,     ///< Waits to be handed on.
  };

  /// Keeps the memory of the lists within.
  void restart(std::size_t its_source) {
    source = its_source;
    state = State::waiting;
    is_frame = false;
    following = {};
    turn = 0;
    step = 0;
    error.reset();
  }

  /// Gives up the frame, whose pixels others may need.
  void release() {
    frame.reset();
    analysis.release();
    if (auto* analysed = std::get_if<AnalysedFrame>(&result.content)) analysed->release();
  }

  AnalysedFrame& analysed() {
    if (auto* frame_before = std::get_if<AnalysedFrame>(&result.content)) return *frame_before;
    return result.content.emplace<AnalysedFrame>();
  }

  std::size_t source = 0;
  State state = State::waiting;
  bool is_frame = false;
  std::optional<Frame> frame;  ///< While waiting.
  FrameAnalysis analysis;      ///< From then on, until done.
  AnalysedItem result;         ///< When done.
  Following following;
  std::uint64_t turn = 0;  ///< How many frames of the source were started before.
  std::size_t step = 0;
  std::size_t groups = 0;
  std::size_t next_group = 0;
  std::size_t unfinished_groups = 0;
  std::optional<Error> error;
};

/// A source's frames, oldest first.
struct Scheduler::Feed {
  const PipelineSource* settings = nullptr;
  std::size_t index = 0;
  std::condition_variable_any room;
  std::vector<Job*> jobs;     ///< All that are alive.
  std::vector<Job*> waiting;  ///< Those that no lane has taken; of a live source one at most.
  std::size_t frames = 0;     ///< Among `jobs`.
  ArrivalTime waiting_since;  ///< Since when there is one; a replacement does not start it anew.
  bool closed = false;
  bool handing_on = false;  ///< A lane is.
  SourceFollower follower;
  DetectionInterval detection;
  std::uint64_t started = 0;
  std::uint64_t turns_left = 0;  ///< Frames whose turn is over.
};

namespace {

/// Under the lock that it waits with.
void wake(SleepingLane& lane) {
  lane.woken = true;
  lane.wakes.notify_one();
}

}  // namespace

Scheduler::Scheduler(std::span<const PipelineSource> sources, const AnalysisPlan& plan,
                     ItemConsumer& consumer, const PipelineSettings& settings, std::size_t lanes,
                     LaneWait lane_wait)
    : plan_(plan),
      consumer_(consumer),
      lanes_(lanes),
      lane_wait_(lane_wait),
      source_by_source_(settings.source_by_source),
      sleeping_(lanes),
      open_feeds_(sources.size()),
      queue_(settings.queue, lanes) {
  for (const PipelineSource& source : sources) {
    Feed& feed = feeds_.emplace_back();
    feed.settings = &source;
    feed.index = feeds_.size() - 1;
  }
  const MutexLock lock(mutex_);
  close_current_source();
}

Scheduler::~Scheduler() {
  // A run that failed leaves frames behind.
  for (const Feed& feed : feeds_) {
    for (std::size_t i = 0; i < feed.frames && feed.settings->ledger != nullptr; ++i)
      feed.settings->ledger->drop(DropReason::interrupted);
  }
}

bool Scheduler::wait_for_room(std::size_t source) {
  const MutexLock lock(mutex_);
  Feed& feed = feeds_[source];
  if (feed.settings->live || has_room(feed)) return !failed_;
  queue_.producer_waits();
  // The analysis does not follow the lock into the lambda.
  feed.room.wait(mutex_, [this, &feed]() RETINUE_TSA(no_thread_safety_analysis) {
    return failed_ || runs_low(feed);
  });
  return !failed_;
}

bool Scheduler::has_room(const Feed& feed) const {
  return feed.jobs.size() < queue_.value() + 2 * lanes_;
}

/// When a producer that waits goes on. Not at the first room: it would be woken for each frame, to
/// interrupt a lane and to find its data gone from the cache.
bool Scheduler::runs_low(const Feed& feed) const {
  return has_room(feed) && feed.waiting.size() <= lanes_;
}

void Scheduler::push(std::size_t source, PipelineItem item) {
  std::optional<LoadLevel> new_level;
  {
    const MutexLock lock(mutex_);
    if (failed_) return;
    Feed& feed = feeds_[source];
    Job* job = new_job(source);
    if (auto* frame = std::get_if<Frame>(&item)) {
      const bool replaces = feed.settings->live && !feed.waiting.empty();
      if (replaces) {
        Job* replaced = std::exchange(feed.waiting.front(), job);
        std::erase(feed.jobs, replaced);
        replaced->release();
        recycle(replaced);
        if (feed.settings->ledger != nullptr) feed.settings->ledger->drop(DropReason::superseded);
      } else {
        if (feed.waiting.empty()) feed.waiting_since = arrival_now();
        feed.waiting.push_back(job);
        ++feed.frames;
      }
      job->is_frame = true;
      job->frame = std::move(*frame);
      if (feed.settings->ledger != nullptr) feed.settings->ledger->capture();
      if (feed.settings->live && load_.capture(arrival_now(), replaces)) new_level = load_.level();
    } else {
      job->state = Job::State::done;
      job->result.source = source;
      if (auto* failure = std::get_if<DecodeFailure>(&item)) {
        job->result.content = std::move(*failure);
      } else if (auto* begin = std::get_if<SourceBegin>(&item)) {
        job->result.content = std::move(*begin);
      } else {
        job->result.content = std::get<SourceEnd>(std::move(item));
      }
    }
    if (feed.jobs.empty()) active_.push_back(&feed);
    feed.jobs.push_back(job);
    check_books(feed);
    wake_a_lane();
  }
  if (new_level) consumer_.load_changed(*new_level);
}

void Scheduler::close(std::size_t source) {
  const MutexLock lock(mutex_);
  feeds_[source].closed = true;
  --open_feeds_;
  close_current_source();
  wake_lanes();
}

void Scheduler::run(Lane& lane) {
  Waiting waiting;
  if (lane_wait_ == LaneWait::awake_first) waiting.asleep.core = current_core();
  while (const std::optional<Work> work = take(waiting)) {
    switch (work->kind) {
      case Work::Kind::advance:
        advance(lane, *work->job);
        break;
      case Work::Kind::group:
        run_group(lane, *work->job, work->group);
        break;
      case Work::Kind::hand_on:
        hand_on(work->source);
        break;
    }
  }
}

void Scheduler::abandon(Error error) {
  const MutexLock lock(mutex_);
  fail_run(std::move(error));
}

PoolStatistics Scheduler::frames() {
  const MutexLock lock(mutex_);
  return {.created = static_cast<std::int64_t>(jobs_.size()),
          .in_use = static_cast<std::int64_t>(alive_),
          .peak = static_cast<std::int64_t>(peak_)};
}

Result<void> Scheduler::result() {
  const MutexLock lock(mutex_);
  return std::move(result_);
}

std::optional<Scheduler::Work> Scheduler::take(Waiting& waiting) {
  const MutexLock lock(mutex_);
  while (!failed_ && !finished()) {
    if (std::optional<Work> work = next_work()) return work;
    queue_.lane_starves();
    if (lane_wait_ == LaneWait::asleep || !stay_awake(waiting.awake)) sleep(waiting.asleep);
  }
  return std::nullopt;
}

/// True when a lane was woken meanwhile. Leaves the lock to others while it waits.
bool Scheduler::stay_awake(AwakeWait& awake) {
  const std::uint64_t before = wakings_;
  mutex_.unlock();
  ArrivalTime now = arrival_now();
  const ArrivalTime until = awake.begin(now);
  while (wakings_ == before && now < until) {
    std::this_thread::yield();  // To the decoder, if it is on this core.
    now = arrival_now();
  }
  awake.end(now);
  mutex_.lock();
  return wakings_ != before;
}

void Scheduler::sleep(SleepingLane& lane) {
  lane.woken = false;
  sleeping_.add(lane);
  lane.wakes.wait(mutex_, [&lane] { return lane.woken; });
}

void Scheduler::wake_a_lane() {
  ++wakings_;
  if (SleepingLane* lane = sleeping_.take(current_core())) wake(*lane);
}

void Scheduler::wake_lanes() {
  ++wakings_;
  while (SleepingLane* lane = sleeping_.take(std::nullopt))
    wake(*lane);
}

std::optional<Scheduler::Work> Scheduler::next_work() {
  if (std::optional<Work> work = work_in_progress()) return work;
  for (Feed* feed : active_) {
    if (!may_hand_on(*feed)) continue;
    feed->handing_on = true;
    return Work{.kind = Work::Kind::hand_on, .source = feed->index};
  }
  if (Job* job = start_next_frame()) return Work{.kind = Work::Kind::advance, .job = job};
  return std::nullopt;
}

std::optional<Scheduler::Work> Scheduler::work_in_progress() {
  for (Job* job : in_work_) {
    if (job->state == Job::State::open && job->next_group < job->groups)
      return Work{.kind = Work::Kind::group, .job = job, .group = job->next_group++};
    if (job->state == Job::State::ready) {
      job->state = Job::State::busy;
      return Work{.kind = Work::Kind::advance, .job = job};
    }
  }
  return std::nullopt;
}

bool Scheduler::may_start(const Feed& feed) const {
  if (feed.waiting.empty()) return false;
  if (!feed.settings->live) return true;
  // A newer frame may come while this one's result would wait for those before it...
  if (feed.frames - feed.waiting.size() >= lanes_) return false;
  // ...or this one for its turn.
  return !feed.settings->follow || feed.started == feed.turns_left;
}

Scheduler::Job* Scheduler::start_next_frame() {
  Feed* longest_waiting = nullptr;
  for (Feed* feed : active_) {
    if (!may_start(*feed)) continue;
    if (longest_waiting == nullptr || feed->waiting_since < longest_waiting->waiting_since)
      longest_waiting = feed;
  }
  if (longest_waiting == nullptr) return nullptr;
  Feed& feed = *longest_waiting;
  Job* job = feed.waiting.front();
  feed.waiting.erase(feed.waiting.begin());
  feed.waiting_since = arrival_now();
  if (runs_low(feed)) feed.room.notify_one();
  job->state = Job::State::busy;
  job->turn = feed.started++;
  job->following = {};
  if (feed.settings->follow) {
    const std::optional<int> fixed = feed.settings->detect_every;
    // No lane uses the follower now: of a source that adapts, one frame at a time has its turn.
    if (!fixed) feed.follower.set_detect_while_empty(load_.level() == LoadLevel::normal);
    job->following = {.follower = &feed.follower,
                      .detection_due = feed.detection.next(fixed.value_or(load_.detect_every()))};
  }
  in_work_.push_back(job);
  queue_.frame_starts();
  return job;
}

void Scheduler::advance(Lane& lane, Job& job) {
  if (job.frame) {
    lane.begin(*std::exchange(job.frame, std::nullopt), job.following, job.analysis);
  }
  const bool takes_turns = job.following.follower != nullptr;
  for (; job.step < plan_.steps.size(); ++job.step) {
    if (takes_turns && job.step == plan_.turn_begin && !enter_turn(job)) return;
    if (takes_turns && job.step == plan_.turn_end) leave_turn(job);
    if (open_step(lane, job)) return;
  }
  if (takes_turns && job.step == plan_.turn_end) leave_turn(job);
  complete(job);
}

/// False, and the job is parked, while frames before it have theirs.
bool Scheduler::enter_turn(Job& job) {
  {
    const MutexLock lock(mutex_);
    if (feeds_[job.source].turns_left != job.turn) {
      job.state = Job::State::parked;
      return false;
    }
  }
  if (job.analysis.frame.times().discontinuity) job.following.follower->reset();
  return true;
}

void Scheduler::leave_turn(Job& job) {
  const MutexLock lock(mutex_);
  Feed& feed = feeds_[job.source];
  ++feed.turns_left;
  for (Job* other : in_work_) {
    if (other->source != job.source || other->turn != feed.turns_left) continue;
    if (other->state == Job::State::parked) other->state = Job::State::ready;
  }
  // There may be a lane for the next frame, or for the one that was parked.
  wake_a_lane();
}

/// Does the step if it is one piece. True: its groups wait for lanes.
bool Scheduler::open_step(Lane& lane, Job& job) {
  if (job.error) return false;
  const std::optional<std::size_t> groups = lane.begin_step(job.step, job.analysis);
  if (!groups) return false;
  if (*groups > 1) {
    const MutexLock lock(mutex_);
    job.groups = *groups;
    job.next_group = 0;
    job.unfinished_groups = *groups;
    job.state = Job::State::open;
    wake_lanes();
    return true;
  }
  if (*groups == 1) {
    if (Result<void> done = lane.run_group(job.step, job.analysis, 0); !done) {
      job.error = std::move(done).error();
      return false;
    }
  }
  lane.finish_step(job.step, job.analysis);
  return false;
}

void Scheduler::run_group(Lane& lane, Job& job, std::size_t group) {
  Result<void> done = lane.run_group(job.step, job.analysis, group);
  {
    const MutexLock lock(mutex_);
    if (!done) {
      if (!job.error) job.error = std::move(done).error();
      job.unfinished_groups -= job.groups - std::exchange(job.next_group, job.groups);
    }
    if (--job.unfinished_groups != 0) return;
    job.state = Job::State::busy;
  }
  if (!job.error) lane.finish_step(job.step, job.analysis);
  ++job.step;
  advance(lane, job);
}

void Scheduler::complete(Job& job) {
  job.result.source = job.source;
  Lane::finish(job.analysis, std::exchange(job.error, std::nullopt), job.analysed());
  {
    const MutexLock lock(mutex_);
    job.state = Job::State::done;
    std::erase(in_work_, &job);
    Feed& feed = feeds_[job.source];
    if (!may_hand_on(feed)) return;
    feed.handing_on = true;
  }
  hand_on(job.source);
}

bool Scheduler::may_hand_on(const Feed& feed) const {
  if (feed.handing_on || feed.jobs.empty()) return false;
  if (feed.jobs.front()->state != Job::State::done) return false;
  return !source_by_source_ || feed.settings->live || feed.index == current_;
}

void Scheduler::hand_on(std::size_t source) {
  Feed* feed = nullptr;
  {
    const MutexLock lock(mutex_);
    feed = &feeds_[source];
  }
  while (Job* job = next_to_hand_on(*feed)) {
    Result<void> done = consumer_.consume(job->result);
    job->release();
    const MutexLock lock(mutex_);
    feed->jobs.erase(feed->jobs.begin());
    if (job->is_frame) --feed->frames;
    recycle(job);
    if (feed->jobs.empty()) {
      std::erase(active_, feed);
      close_current_source();
    }
    if (runs_low(*feed)) feed->room.notify_one();
    if (may_start(*feed)) wake_a_lane();
    if (!done) fail_run(std::move(done).error());
    if (finished()) wake_lanes();
  }
}

void Scheduler::fail_run(Error error) {
  if (failed_) return;
  failed_ = true;
  result_ = tl::unexpected<Error>(std::move(error));
  wake_lanes();
  for (Feed& feed : feeds_)
    feed.room.notify_all();
}

/// Null, and the source is nobody's, when there is nothing for now.
Scheduler::Job* Scheduler::next_to_hand_on(Feed& feed) {
  const MutexLock lock(mutex_);
  feed.handing_on = false;
  if (failed_ || !may_hand_on(feed)) return nullptr;
  feed.handing_on = true;
  return feed.jobs.front();
}

/// Passes over lossless sources that have nothing more to hand on.
void Scheduler::close_current_source() {
  const std::size_t before = current_;
  while (current_ < feeds_.size()) {
    const Feed& feed = feeds_[current_];
    if (!feed.settings->live && !(feed.closed && feed.jobs.empty())) break;
    ++current_;
  }
  if (current_ != before) wake_lanes();
}

void Scheduler::check_books([[maybe_unused]] const Feed& feed) {
#ifndef NDEBUG
  if (feed.settings->ledger == nullptr) return;
  // The consumer has booked a frame a moment before it leaves the list, or holds it back for
  // longer.
  const auto frames = static_cast<std::int64_t>(feed.frames);
  const std::int64_t in_flight = feed.settings->ledger->in_flight();
  assert(in_flight + 1 >= frames);
#endif
}

Scheduler::Job* Scheduler::new_job(std::size_t source) {
  if (free_jobs_.empty()) {
    free_jobs_.push_back(jobs_.emplace_back(std::make_unique<Job>()).get());
    free_jobs_.reserve(jobs_.capacity());
  }
  Job* job = free_jobs_.back();
  free_jobs_.pop_back();
  job->restart(source);
  ++alive_;
  peak_ = std::max(peak_, alive_);
  return job;
}

/// `job` is released.
void Scheduler::recycle(Job* job) {
  free_jobs_.push_back(job);
  --alive_;
}

}  // namespace retinue
