/// Hand-over between two stages that run on different threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/mutex.hpp"

namespace retinue {

/// FIFO of at most `capacity` items. When it is full the producer waits: recorded sources lose
/// nothing.
///
/// Thread-safe, for any number of producers and consumers.
template <typename T>
class BoundedQueue {
 public:
  /// `capacity` must be at least 1.
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. False, and the item is dropped, when `stop` is requested or the queue is
  /// closed before there is any.
  bool push(T item, std::stop_token stop) {
    const MutexLock lock(mutex_);
    // The analysis does not follow the lock into the lambda.
    const auto has_room = [this]() RETINUE_TSA(no_thread_safety_analysis) {
      return items_.size() < capacity_ || closed_;
    };
    if (!room_.wait(mutex_, std::move(stop), has_room) || closed_) return false;
    items_.push_back(std::move(item));
    ready_.notify_one();
    return true;
  }

  /// Waits for an item. Nullopt when the queue is closed and empty, or when `stop` is requested
  /// while it is empty.
  std::optional<T> pop(std::stop_token stop) {
    const MutexLock lock(mutex_);
    const auto has_item_or_end = [this]() RETINUE_TSA(no_thread_safety_analysis) {
      return !items_.empty() || closed_;
    };
    if (!ready_.wait(mutex_, std::move(stop), has_item_or_end) || items_.empty())
      return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    room_.notify_one();
    return item;
  }

  /// No more items will come: consumers get what is left, then nullopt.
  void close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    ready_.notify_all();
    room_.notify_all();
  }

 private:
  mutable Mutex mutex_;
  std::condition_variable_any ready_;
  std::condition_variable_any room_;
  std::deque<T> items_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
  std::size_t capacity_;
};

}  // namespace retinue
