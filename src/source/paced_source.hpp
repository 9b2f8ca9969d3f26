/// Plays a recording as a camera would.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "base/clock.hpp"
#include "source/packet_source.hpp"

namespace retinue {

/// Gives each packet of another source when it is due: as long after the first packet as its
/// decoding time is behind the first one's. The arrival of a packet is the moment when it was due,
/// so that a reader that falls behind sees it in the latency. A time that lies before its
/// predecessor's, or more than ten seconds behind it, starts the clock anew.
class PacedSource final : public PacketSource {
 public:
  PacedSource(std::unique_ptr<PacketSource> source, std::stop_token stop)
      : source_(std::move(source)), stop_(std::move(stop)) {}

  const std::shared_ptr<const StreamDescription>& stream() const override {
    return source_->stream();
  }
  bool paced() const override { return true; }
  Result<SourceItem> read() override;

 private:
  ArrivalTime due_time(const Packet& packet);

  std::unique_ptr<PacketSource> source_;
  std::stop_token stop_;
  std::optional<MediaTime> last_;
  ArrivalTime last_due_;
};

}  // namespace retinue
