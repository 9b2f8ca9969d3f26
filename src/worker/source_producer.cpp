#include "worker/source_producer.hpp"

#include <utility>

namespace retinue {

SourceProducer::SourceProducer(const std::vector<PlannedSource>& sources,
                               std::deque<FrameLedger>& ledgers, const ProducerSettings& settings)
    : sources_(sources),
      ledgers_(ledgers),
      settings_(settings),
      decode_stage_(settings.stages->stage("decode")) {}

std::optional<PipelineItem> SourceProducer::next() {
  while (ready_.empty()) {
    if (source_) {
      read_packet();
    } else if (next_source_ < sources_.size() && !settings_.stop.stop_requested()) {
      open_next_source();
    } else {
      return std::nullopt;
    }
  }
  PipelineItem item = std::move(ready_.front());
  ready_.pop_front();
  return item;
}

void SourceProducer::open_next_source() {
  current_ = next_source_++;
  const PlannedSource& planned = sources_[current_];
  if (planned.skip) return;
  if (!planned.spec) return end_source({.error = planned.spec.error()});
  Result<std::unique_ptr<PacketSource>> source =
      open_source(*planned.spec, {.stop = settings_.stop});
  if (!source) {
    // A stop during the opening is no failure of the source.
    if (settings_.stop.stop_requested())
      return end_source({.error = std::nullopt, .interrupted = true});
    return end_source({.error = std::move(source).error()});
  }
  Result<VideoDecoder> decoder = VideoDecoder::create((*source)->stream(), settings_.decoder);
  if (!decoder) return end_source({.error = std::move(decoder).error()});
  source_ = *std::move(source);
  decoder_ = *std::move(decoder);
  ready_.push_back({current_, SourceBegin{source_->stream()}});
}

void SourceProducer::read_packet() {
  decoded_.clear();
  std::optional<SourceEnd> end;
  {
    const StageTimer timer(decode_stage_);
    Result<SourceItem> item = source_->read();
    if (!item) {
      decoder_->finish(decoded_);
      end = SourceEnd{.error = std::move(item).error()};
    } else if (auto* packet = std::get_if<Packet>(&*item)) {
      decoder_->decode(*packet, decoded_);
    } else if (auto* failure = std::get_if<DecodeFailure>(&*item)) {
      decoded_.emplace_back(std::move(*failure));
    } else {
      const bool stopped = settings_.stop.stop_requested();
      if (!stopped) decoder_->finish(decoded_);
      end = SourceEnd{.error = std::nullopt, .interrupted = stopped};
    }
  }
  for (StreamItem& item : decoded_) {
    if (!source_) return;  // The range of frames ended within this packet.
    take(std::move(item));
  }
  if (end && source_) end_source(std::move(*end));
}

void SourceProducer::take(StreamItem item) {
  FrameLedger& ledger = ledgers_[current_];
  if (auto* failure = std::get_if<DecodeFailure>(&item)) {
    ledger.undecodable_packet();
    ready_.push_back({current_, std::move(*failure)});
    return;
  }
  auto& frame = std::get<Frame>(item);
  const std::uint64_t index = frame.times().index;
  if (settings_.frames.end && index >= *settings_.frames.end) return end_source({});
  ledger.capture();
  if (index < settings_.frames.first) return ledger.drop(DropReason::not_selected);
  ready_.push_back({current_, std::move(frame)});
}

void SourceProducer::end_source(SourceEnd end) {
  source_.reset();
  decoder_.reset();
  ready_.push_back({current_, std::move(end)});
}

}  // namespace retinue
