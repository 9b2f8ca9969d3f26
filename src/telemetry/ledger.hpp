/// The books of a source: where every captured frame went.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace retinue {

/// Why a frame was not delivered.
enum class DropReason : std::uint8_t {
  not_selected,  ///< Outside `--frames`.
  superseded,    ///< A newer frame of its live source came before a lane was free.
  interrupted,   ///< The run ended before its result was out.
  failed,        ///< Its analysis ended with an error; the record says which.
};
inline constexpr std::array kDropReasons = {DropReason::not_selected, DropReason::superseded,
                                            DropReason::interrupted, DropReason::failed};
std::string_view name_of(DropReason reason);

/// `captured = delivered + dropped(reason) + in flight`, at every moment. Thread-safe.
class FrameLedger {
 public:
  void capture() { captured_.fetch_add(1, std::memory_order_relaxed); }
  void deliver() { delivered_.fetch_add(1, std::memory_order_relaxed); }
  void drop(DropReason reason) {
    dropped_[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  }
  /// A packet that gave no frame: not part of the balance.
  void undecodable_packet() { undecodable_packets_.fetch_add(1, std::memory_order_relaxed); }

  std::int64_t captured() const { return captured_.load(std::memory_order_relaxed); }
  std::int64_t delivered() const { return delivered_.load(std::memory_order_relaxed); }
  std::int64_t dropped(DropReason reason) const {
    return dropped_[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
  }
  std::int64_t undecodable_packets() const {
    return undecodable_packets_.load(std::memory_order_relaxed);
  }
  std::int64_t in_flight() const;

 private:
  std::atomic<std::int64_t> captured_ = 0;
  std::atomic<std::int64_t> delivered_ = 0;
  std::array<std::atomic<std::int64_t>, kDropReasons.size()> dropped_{};
  std::atomic<std::int64_t> undecodable_packets_ = 0;
};

}  // namespace retinue
