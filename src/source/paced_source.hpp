/// Plays a recording as a camera would.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/clock.hpp"
#include "source/packet_source.hpp"

namespace retinue {

/// Gives each packet of another source when it is due: as long after the first packet as its
/// decoding time is behind the first one's. The arrival of a packet is the moment when it was due,
/// so that a reader that falls behind sees it in the latency. A time that lies before its
/// predecessor's, or more than ten seconds behind it, starts the clock anew.
///
/// A reader that is more than a second behind loses packets, as it would lose a camera's pictures:
/// up to a key frame that is not late. If packets come no faster than they are due, so that none
/// ever would be in time, the clock starts anew at the next key frame. A DecodeFailure says how
/// many.
class PacedSource final : public PacketSource {
 public:
  PacedSource(std::unique_ptr<PacketSource> source, std::stop_token stop,
              std::function<ArrivalTime()> now = arrival_now)
      : source_(std::move(source)), stop_(std::move(stop)), now_(std::move(now)) {}

  const std::shared_ptr<const StreamDescription>& stream() const override {
    return source_->stream();
  }
  bool paced() const override { return true; }
  Result<SourceItem> read() override;

 private:
  Result<SourceItem> read_stamped();
  Result<SourceItem> skip(const Packet& late);
  void set_arrival(Packet& packet);
  void wait_until(ArrivalTime due);

  std::unique_ptr<PacketSource> source_;
  std::stop_token stop_;
  std::function<ArrivalTime()> now_;
  std::optional<MediaTime> last_;
  ArrivalTime last_due_;
  std::optional<SourceItem> next_;  ///< Behind packets that were skipped.
  // What a reader waits with; nobody wakes it but a stop.
  std::mutex mutex_;
  std::condition_variable_any never_;
};

}  // namespace retinue
