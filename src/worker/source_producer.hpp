/// Reads and decodes the sources of a run, one after the other.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/result.hpp"
#include "decode/video_decoder.hpp"
#include "pipeline/pipeline.hpp"
#include "source/packet_source.hpp"
#include "source/source_spec.hpp"
#include "telemetry/ledger.hpp"
#include "telemetry/stage.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

/// A source of a run, or why there is none where the user named one.
struct PlannedSource {
  std::string name;  ///< Passwords masked.
  Result<SourceSpec> spec;
  bool skip = false;
};

struct ProducerSettings {
  FrameRange frames;
  DecoderSettings decoder;
  std::stop_token stop;  ///< Ends the current source and the run.
  StageTable* stages = nullptr;
};

/// Each planned source gives an optional SourceBegin, its frames and failures, and exactly one
/// SourceEnd; skipped sources give nothing. Thread-bound.
class SourceProducer final : public ItemProducer {
 public:
  /// All is borrowed. `ledgers`: one for each source; captured and unselected frames are booked
  /// here.
  SourceProducer(const std::vector<PlannedSource>& sources, std::deque<FrameLedger>& ledgers,
                 const ProducerSettings& settings);

  std::optional<PipelineItem> next() override;

 private:
  void open_next_source();
  void read_packet();
  void take(StreamItem item);
  void end_source(SourceEnd end);

  const std::vector<PlannedSource>& sources_;
  std::deque<FrameLedger>& ledgers_;
  ProducerSettings settings_;
  Stage& decode_stage_;

  std::size_t next_source_ = 0;
  std::size_t current_ = 0;
  std::unique_ptr<PacketSource> source_;
  std::optional<VideoDecoder> decoder_;
  std::vector<StreamItem> decoded_;
  std::deque<PipelineItem> ready_;
};

}  // namespace retinue
