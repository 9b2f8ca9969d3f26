/// Which of the lanes that sleep is woken when there is work.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <iterator>
#include <optional>
#include <vector>

namespace retinue {

/// A lane that sleeps, or may.
struct SleepingLane {
  std::optional<int> core;            ///< That it keeps to, if it does.
  bool woken = false;                 ///< Under the lock of whoever wakes it.
  std::condition_variable_any wakes;  ///< Once `woken` is true.
};

/// Whoever hands in work is busy on its own core, a decoder for as long as it is the slowest part:
/// a lane that was woken there would share the core with it while another core is idle. So a lane
/// of another core is taken if there is one, and of those the one that fell asleep last, whose
/// caches still hold its models.
///
/// Not thread-safe.
class SleepingLanes {
 public:
  explicit SleepingLanes(std::size_t lanes) { lanes_.reserve(lanes); }

  /// `lane` falls asleep. It is borrowed until it is taken.
  void add(SleepingLane& lane) { lanes_.push_back(&lane); }

  /// The lane to wake for work that was handed in on `core` (nullopt: not known). It is no longer
  /// among those that sleep. Null: none sleeps.
  SleepingLane* take(std::optional<int> core) {
    if (lanes_.empty()) return nullptr;
    const auto elsewhere = std::find_if(lanes_.rbegin(), lanes_.rend(),
                                        [core](const auto* lane) { return lane->core != core; });
    const auto chosen = elsewhere == lanes_.rend() ? lanes_.rbegin() : elsewhere;
    SleepingLane* const taken = *chosen;
    lanes_.erase(std::prev(chosen.base()));
    return taken;
  }

 private:
  std::vector<SleepingLane*> lanes_;  ///< In the order in which they fell asleep.
};

}  // namespace retinue
