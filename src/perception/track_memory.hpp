/// What is remembered of tracks, for as long as they may go on.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"

namespace retinue {

/// `State`: what is remembered of one track; default-constructed, with `reset()`, after which it is
/// as good as new. Their memory is used again for later tracks, so nothing is allocated but for
/// more tracks at a time than there were before. Call in presentation order. Thread-bound.
template <typename State>
class TrackMemory {
 public:
  explicit TrackMemory(std::chrono::milliseconds forget_after) : forget_after_(forget_after) {}

  /// Forgets the tracks that were away for too long: they start anew.
  void forget_absent(MediaTime time) {
    std::erase_if(entries_, [this, time](Entry& entry) {
      if (time.since_start - entry.last_seen.since_start <= forget_after_) return false;
      spare_.push_back(std::move(entry.state));
      return true;
    });
  }

  /// That of `track`, which is seen at `time`; new where there is none. It lives until it is
  /// forgotten.
  State& of(TrackId track, MediaTime time) {
    const auto known = std::ranges::find(entries_, track, &Entry::track);
    Entry& entry = known != entries_.end() ? *known : begin(track);
    entry.last_seen = time;
    return *entry.state;
  }

  /// `track` is there, although there is nothing to remember of it.
  void keep(TrackId track, MediaTime time) {
    const auto known = std::ranges::find(entries_, track, &Entry::track);
    if (known != entries_.end()) known->last_seen = time;
  }

  void reset() {
    for (Entry& entry : entries_)
      spare_.push_back(std::move(entry.state));
    entries_.clear();
  }

 private:
  struct Entry {
    TrackId track;
    MediaTime last_seen;
    std::unique_ptr<State> state;
  };

  Entry& begin(TrackId track) {
    if (spare_.empty()) spare_.push_back(std::make_unique<State>());
    std::unique_ptr<State> state = std::move(spare_.back());
    spare_.pop_back();
    state->reset();
    return entries_.emplace_back(Entry{track, {}, std::move(state)});
  }

  std::chrono::milliseconds forget_after_;
  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<State>> spare_;
};

}  // namespace retinue
