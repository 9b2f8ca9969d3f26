/// How often a stage or a model ran and how long it took.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.hpp"
#include "telemetry/trace.hpp"

namespace retinue {

/// Thread-safe; adding is two relaxed atomic additions.
class Stage {
 public:
  /// `trace` is borrowed; null where nothing is traced.
  explicit Stage(std::string_view name, Trace* trace = nullptr) : name_(name), trace_(trace) {}

  void add(std::chrono::nanoseconds time) {
    calls_.fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(time.count(), std::memory_order_relaxed);
  }
  Trace* trace() const { return trace_; }

  const std::string& name() const { return name_; }
  std::int64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  double total_ms() const {
    return static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) * 1e-6;
  }
  /// 0 before the first call.
  double ms_per_call() const {
    return calls() == 0 ? 0 : total_ms() / static_cast<double>(calls());
  }

 private:
  std::string name_;
  Trace* trace_;
  std::atomic<std::int64_t> calls_ = 0;
  std::atomic<std::int64_t> nanoseconds_ = 0;
};

/// Adds the life of a scope to a stage, and to its trace. Thread-bound.
class StageTimer {
 public:
  /// `frame`: the number of the frame that is worked on, if it is one.
  explicit StageTimer(Stage& stage, std::optional<std::uint64_t> frame = std::nullopt)
      : stage_(stage), frame_(frame), begin_(std::chrono::steady_clock::now()) {}
  ~StageTimer() {
    const std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now();
    stage_.add(end - begin_);
    if (stage_.trace() != nullptr) stage_.trace()->add(stage_.name(), begin_, end, frame_);
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  StageTimer(StageTimer&&) = delete;
  StageTimer& operator=(StageTimer&&) = delete;

 private:
  Stage& stage_;
  std::optional<std::uint64_t> frame_;
  std::chrono::steady_clock::time_point begin_;
};

/// The stages of a run, in the order in which they were first named. Thread-safe.
class StageTable {
 public:
  /// `trace` is borrowed; null where nothing is traced.
  explicit StageTable(Trace* trace = nullptr) : trace_(trace) {}

  /// The stage of that name, made when it is new. Stays valid as long as the table.
  Stage& stage(std::string_view name);

  /// Calls `visit(const Stage&)` for each stage.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    const MutexLock lock(mutex_);
    for (const Stage& stage : stages_)
      visit(stage);
  }

 private:
  Trace* trace_;
  mutable Mutex mutex_;
  std::deque<Stage> stages_ GUARDED_BY(mutex_);  // A deque never moves its elements.
};

}  // namespace retinue
