#include "source/paced_source.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "source/ffmpeg_handles.hpp"

namespace retinue {

namespace {

constexpr std::chrono::seconds kLongestWait{10};

std::optional<MediaTime> decoding_time(const Packet& packet) {
  const auto* av_packet = static_cast<const AVPacket*>(packet.payload.get());
  const std::int64_t ticks = av_packet->dts != AV_NOPTS_VALUE ? av_packet->dts : av_packet->pts;
  if (ticks == AV_NOPTS_VALUE) return std::nullopt;
  return packet.stream->time_after_start(ticks - packet.stream->start_ticks.value_or(0));
}

void wait_until(ArrivalTime due, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, due, [] { return false; });
}

}  // namespace

Result<SourceItem> PacedSource::read() {
  SourceItem item = TRY(source_->read());
  if (auto* packet = std::get_if<Packet>(&item)) {
    packet->arrival = due_time(*packet);
    wait_until(packet->arrival, stop_);
    if (stop_.stop_requested()) return EndOfStream{};
  }
  return item;
}

ArrivalTime PacedSource::due_time(const Packet& packet) {
  const std::optional<MediaTime> time = decoding_time(packet);
  // Packets without times come with their predecessors.
  if (!time) return last_ ? last_due_ : arrival_now();
  if (!last_ || *time < *last_ || time->since_start - last_->since_start > kLongestWait) {
    last_due_ = arrival_now();
  } else {
    last_due_ += time->since_start - last_->since_start;
  }
  last_ = time;
  return last_due_;
}

}  // namespace retinue
