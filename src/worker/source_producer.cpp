#include "worker/source_producer.hpp"

#include <utility>

namespace retinue {

SourceProducer::SourceProducer(const PlannedSource& source, FrameLedger& ledger,
                               const ProducerSettings& settings)
    : planned_(source),
      ledger_(ledger),
      settings_(settings),
      decode_stage_(settings.stages->stage("decode")) {}

std::optional<PipelineItem> SourceProducer::next() {
  if (given_ == ready_.size()) {
    ready_.clear();
    given_ = 0;
  }
  if (settings_.pause != nullptr) settings_.pause->wait(settings_.stop);
  while (ready_.empty()) {
    if (source_) {
      read_packet();
    } else if (!opened_ && !settings_.stop.stop_requested()) {
      open();
    } else {
      return std::nullopt;
    }
  }
  return std::move(ready_[given_++]);
}

void SourceProducer::open() {
  opened_ = true;
  if (planned_.skip) return;
  if (!planned_.spec) return end({.error = planned_.spec.error()});
  Result<std::unique_ptr<PacketSource>> source =
      open_source(*planned_.spec, {.stop = settings_.stop, .paced = settings_.live});
  if (!source) {
    // A stop during the opening is no failure of the source.
    if (settings_.stop.stop_requested()) return end({.error = std::nullopt, .interrupted = true});
    return end({.error = std::move(source).error()});
  }
  Result<VideoDecoder> decoder = VideoDecoder::create((*source)->stream(), settings_.decoder);
  if (!decoder) return end({.error = std::move(decoder).error()});
  source_ = *std::move(source);
  decoder_ = *std::move(decoder);
  pictures_ = decoder_->pictures();
  ready_.emplace_back(SourceBegin{source_->stream()});
}

void SourceProducer::read_packet() {
  decoded_.clear();
  std::optional<SourceEnd> ended;
  Result<SourceItem> item = EndOfStream{};
  if (settings_.live) {
    // Waiting for a camera is not work.
    item = source_->read();
  }
  {
    const StageTimer timer(decode_stage_);
    if (!settings_.live) item = source_->read();
    if (!item) {
      decoder_->finish(decoded_);
      ended = SourceEnd{.error = std::move(item).error()};
    } else if (auto* packet = std::get_if<Packet>(&*item)) {
      decoder_->decode(*packet, decoded_);
      // A recording's pictures that wait for later packets (B-frames) are due with those: a
      // camera's would have come then.
      for (StreamItem& decoded : decoded_) {
        auto* frame = std::get_if<Frame>(&decoded);
        if (source_->paced() && frame != nullptr) frame->set_arrival(packet->arrival);
      }
    } else if (auto* failure = std::get_if<DecodeFailure>(&*item)) {
      decoded_.emplace_back(std::move(*failure));
    } else {
      const bool stopped = settings_.stop.stop_requested();
      if (!stopped) decoder_->finish(decoded_);
      ended = SourceEnd{.error = std::nullopt, .interrupted = stopped};
    }
  }
  for (StreamItem& decoded : decoded_) {
    if (!source_) return;  // The range of frames ended within this packet.
    take(std::move(decoded));
  }
  if (ended && source_) end(std::move(*ended));
}

void SourceProducer::take(StreamItem item) {
  if (auto* failure = std::get_if<DecodeFailure>(&item)) {
    ledger_.undecodable_packet();
    ready_.emplace_back(std::move(*failure));
    return;
  }
  auto& frame = std::get<Frame>(item);
  const std::uint64_t index = frame.times().index;
  if (settings_.frames.end && index >= *settings_.frames.end) return end({});
  if (index < settings_.frames.first) {
    ledger_.capture();
    return ledger_.drop(DropReason::not_selected);
  }
  ready_.emplace_back(std::move(frame));
}

void SourceProducer::end(SourceEnd end) {
  source_.reset();
  decoder_.reset();
  ready_.emplace_back(std::move(end));
}

}  // namespace retinue
