/// Filters that live as long as the tracks that they belong to.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "perception/face.hpp"

namespace retinue {

/// `Filters`: what is kept of one track; default-constructed, with `reset()`, after which it is as
/// good as new. Their memory is used again for later tracks. Thread-bound.
template <typename Filters>
class TrackFilters {
 public:
  /// Forgets the tracks that were away for longer than half a second: they start anew.
  void forget_absent(MediaTime time) {
    std::erase_if(entries_, [this, time](Entry& entry) {
      if (time.since_start - entry.last_seen.since_start <= kForgetAfter) return false;
      spare_.push_back(std::move(entry.filters));
      return true;
    });
  }

  /// Those of `track`, which is seen at `time`. They live until they are forgotten.
  Filters& of(TrackId track, MediaTime time) {
    const auto known = std::ranges::find(entries_, track, &Entry::track);
    Entry& entry = known != entries_.end() ? *known : begin(track);
    entry.last_seen = time;
    return *entry.filters;
  }

  void reset() {
    for (Entry& entry : entries_)
      spare_.push_back(std::move(entry.filters));
    entries_.clear();
  }

 private:
  static constexpr std::chrono::milliseconds kForgetAfter{500};

  struct Entry {
    TrackId track;
    MediaTime last_seen;
    std::unique_ptr<Filters> filters;
  };

  Entry& begin(TrackId track) {
    if (spare_.empty()) spare_.push_back(std::make_unique<Filters>());
    std::unique_ptr<Filters> filters = std::move(spare_.back());
    spare_.pop_back();
    filters->reset();
    return entries_.emplace_back(Entry{track, {}, std::move(filters)});
  }

  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<Filters>> spare_;
};

}  // namespace retinue
