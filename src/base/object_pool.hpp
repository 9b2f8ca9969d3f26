/// Objects that are used again and again instead of being made and deleted.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/mutex.hpp"

namespace retinue {

/// How many objects of a kind there are.
struct PoolStatistics {
  std::int64_t created = 0;  ///< All that were ever made.
  std::int64_t in_use = 0;
  std::int64_t peak = 0;  ///< The most that were in use at once.
};

/// What a pool can be asked by others than its users. Thread-safe.
class PoolMeter {
 public:
  PoolStatistics statistics() const {
    const MutexLock lock(mutex_);
    return statistics_;
  }

 protected:
  mutable Mutex mutex_;
  PoolStatistics statistics_ GUARDED_BY(mutex_);
};

/// Hands out objects as shared pointers and takes them back when the last pointer goes. `Kind` says
/// what they are: `Kind::Object`, `static Object make()`, and `static void clear(Object&)`, which
/// gives up what a returned object holds. A pointer's control block lies beside its object, so that
/// taking one that was there before allocates nothing.
///
/// Thread-safe; what was taken may outlive the pool.
template <typename Kind>
class ObjectPool {
 public:
  using Object = typename Kind::Object;

  /// Grows where all are in use.
  std::shared_ptr<Object> take() {
    Slot* slot = state_->take();
    return std::shared_ptr<Object>(&slot->object, Clear(), BlockAllocator<Object>(state_, slot));
  }

  /// Stays valid when the pool is gone.
  std::shared_ptr<const PoolMeter> meter() const { return state_; }

 private:
  struct Slot {
    /// Of a shared pointer's control block with its deleter and allocator, and room to spare.
    static constexpr std::size_t kBlockBytes = 96;

    Object object = Kind::make();
    alignas(std::max_align_t) std::array<std::byte, kBlockBytes> block{};
  };

  class State final : public PoolMeter {
   public:
    Slot* take() {
      const MutexLock lock(mutex_);
      if (free_.empty()) {
        free_.push_back(slots_.emplace_back(std::make_unique<Slot>()).get());
        free_.reserve(slots_.capacity());
        ++statistics_.created;
      }
      Slot* slot = free_.back();
      free_.pop_back();
      if (++statistics_.in_use > statistics_.peak) statistics_.peak = statistics_.in_use;
      return slot;
    }
    void give_back(Slot* slot) {
      const MutexLock lock(mutex_);
      free_.push_back(slot);
      --statistics_.in_use;
    }

   private:
    std::vector<std::unique_ptr<Slot>> slots_ GUARDED_BY(mutex_);
    std::vector<Slot*> free_ GUARDED_BY(mutex_);  ///< The one used last is taken first.
  };

  struct Clear {
    void operator()(Object* object) const { Kind::clear(*object); }
  };

  /// Places the control block into its slot, which is free again once the block is not needed.
  template <typename T>
  class BlockAllocator {
   public:
    using value_type = T;  // NOLINT(readability-identifier-naming): what allocators call it

    BlockAllocator(std::shared_ptr<State> state, Slot* slot)
        : state_(std::move(state)), slot_(slot) {}
    template <typename U>
    BlockAllocator(const BlockAllocator<U>& other) : state_(other.state_), slot_(other.slot_) {}

    T* allocate([[maybe_unused]] std::size_t count) {
      static_assert(sizeof(T) <= Slot::kBlockBytes || std::is_same_v<T, Object>);
      assert(count == 1);
      return reinterpret_cast<T*>(slot_->block.data());
    }
    void deallocate(T*, std::size_t) { state_->give_back(slot_); }

    template <typename U>
    friend bool operator==(const BlockAllocator& a, const BlockAllocator<U>& b) {
      return a.slot_ == b.slot_;
    }

   private:
    template <typename U>
    friend class BlockAllocator;

    std::shared_ptr<State> state_;
    Slot* slot_;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace retinue
