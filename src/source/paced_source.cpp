#include "source/paced_source.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "source/ffmpeg_handles.hpp"

namespace retinue {

namespace {

constexpr std::chrono::seconds kLongestWait{10};
constexpr std::chrono::seconds kMostBehind{1};

const AVPacket& av_packet_of(const Packet& packet) {
  return *static_cast<const AVPacket*>(packet.payload.get());
}

bool is_key_frame(const Packet& packet) {
  return (av_packet_of(packet).flags & AV_PKT_FLAG_KEY) != 0;
}

std::optional<MediaTime> decoding_time(const Packet& packet) {
  const AVPacket& av_packet = av_packet_of(packet);
  const std::int64_t ticks = av_packet.dts != AV_NOPTS_VALUE ? av_packet.dts : av_packet.pts;
  if (ticks == AV_NOPTS_VALUE) return std::nullopt;
  return packet.stream->time_after_start(ticks - packet.stream->start_ticks.value_or(0));
}

}  // namespace

Result<SourceItem> PacedSource::read() {
  SourceItem item = next_ ? *std::exchange(next_, std::nullopt) : TRY(read_stamped());
  auto* packet = std::get_if<Packet>(&item);
  if (packet == nullptr) return item;
  if (now_() - packet->arrival > kMostBehind) return skip(*packet);
  wait_until(packet->arrival);
  if (stop_.stop_requested()) return EndOfStream{};
  return item;
}

Result<SourceItem> PacedSource::read_stamped() {
  SourceItem item = TRY(source_->read());
  if (auto* packet = std::get_if<Packet>(&item)) set_arrival(*packet);
  return item;
}

Result<SourceItem> PacedSource::skip(const Packet& late) {
  const MediaTime time = decoding_time(late).value_or(MediaTime{});
  const auto behind_at_first = now_() - late.arrival;
  std::int64_t skipped = 1;
  for (;; ++skipped) {
    SourceItem item = TRY(read_stamped());
    auto* packet = std::get_if<Packet>(&item);
    if (packet != nullptr && !is_key_frame(*packet)) continue;
    if (packet != nullptr) {
      const ArrivalTime now = now_();
      const auto behind = now - packet->arrival;
      if (behind > behind_at_first) {
        last_due_ = now;
        packet->arrival = now;
      } else if (behind > decltype(behind)::zero()) {
        continue;
      }
    }
    next_ = std::move(item);
    break;
  }
  return DecodeFailure{.time = time,
                       .message = std::to_string(skipped) + " packets of '" + stream()->source +
                                  "' were skipped: they are not read as fast as they come"};
}

void PacedSource::wait_until(ArrivalTime due) {
  std::unique_lock lock(mutex_);
  never_.wait_until(lock, stop_, due, [] { return false; });
}

void PacedSource::set_arrival(Packet& packet) {
  const std::optional<MediaTime> time = decoding_time(packet);
  if (!time) {
    // Packets without times come with their predecessors.
    packet.arrival = last_ ? last_due_ : now_();
    return;
  }
  if (!last_ || *time < *last_ || time->since_start - last_->since_start > kLongestWait) {
    last_due_ = now_();
  } else {
    last_due_ += time->since_start - last_->since_start;
  }
  last_ = time;
  packet.arrival = last_due_;
}

}  // namespace retinue
