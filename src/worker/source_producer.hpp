/// Reads and decodes one source of a run.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "decode/video_decoder.hpp"
#include "pipeline/pipeline.hpp"
#include "source/packet_source.hpp"
#include "source/source_spec.hpp"
#include "telemetry/ledger.hpp"
#include "telemetry/stage.hpp"
#include "worker/pause_gate.hpp"
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
  bool live = false;           ///< A recording is played as a camera would.
  std::stop_token stop;        ///< Ends the source.
  PauseGate* pause = nullptr;  ///< Borrowed: waits there between items. Null: never.
  StageTable* stages = nullptr;
};

/// Gives an optional SourceBegin, the frames and failures, and exactly one SourceEnd; nothing of a
/// source that is to be skipped. Opens the source when it is first asked for an item and closes it
/// with the last. Thread-bound.
class SourceProducer final : public ItemProducer {
 public:
  /// All is borrowed. `ledger`: frames that are not selected are booked here.
  SourceProducer(const PlannedSource& source, FrameLedger& ledger,
                 const ProducerSettings& settings);

  std::optional<PipelineItem> next() override;

  /// Of its decoder; none of a source that was never opened.
  PoolStatistics pictures() const { return pictures_ ? pictures_->statistics() : PoolStatistics{}; }

 private:
  void open();
  void read_packet();
  void take(StreamItem item);
  void end(SourceEnd end);

  const PlannedSource& planned_;
  FrameLedger& ledger_;
  ProducerSettings settings_;
  Stage& decode_stage_;

  bool opened_ = false;
  std::unique_ptr<PacketSource> source_;
  std::optional<VideoDecoder> decoder_;
  std::vector<StreamItem> decoded_;
  std::vector<PipelineItem> ready_;
  std::size_t given_ = 0;  ///< Of `ready_`.
  std::shared_ptr<const PoolMeter> pictures_;
};

}  // namespace retinue
