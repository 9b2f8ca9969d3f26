/// The ordered end of a run: tracks, smooths and hands every result to the outputs.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pipeline/pipeline.hpp"
#include "preprocess/sampler.hpp"
#include "smooth/face_smoother.hpp"
#include "telemetry/histogram.hpp"
#include "telemetry/ledger.hpp"
#include "telemetry/stage.hpp"
#include "tensor/tensor.hpp"
#include "track/face_tracker.hpp"
#include "worker/output_set.hpp"
#include "worker/run_progress.hpp"
#include "worker/run_report.hpp"

namespace retinue {

struct ConsumerSettings {
  TaskSet tasks;
  bool smoothing = true;
  StageTable* stages = nullptr;     ///< Borrowed.
  RunProgress* progress = nullptr;  ///< Borrowed.
};

/// Called by one thread at a time.
class ResultConsumer final : public ItemConsumer {
 public:
  /// All is borrowed. `names`, `ledgers`, `reports`: one for each source. `outputs` is null for a
  /// run that writes nothing.
  ResultConsumer(const std::vector<std::string>& names, std::deque<FrameLedger>& ledgers,
                 std::vector<SourceReport>& reports, OutputSet* outputs,
                 std::unique_ptr<Sampler> sampler, const ConsumerSettings& settings);

  Result<void> consume(AnalysedItem item) override;

  const DurationHistogram& latency() const { return latency_; }

 private:
  Result<void> begin(std::size_t source, const SourceBegin& begin);
  Result<void> deliver(std::size_t source, AnalysedFrame analysed);
  Result<void> deliver(std::size_t source, DecodeFailure failure);
  Result<void> end(std::size_t source, SourceEnd end);
  void track_and_smooth(FrameResult& result);
  Result<void> write(const FrameResult& result, const Frame* frame);
  Result<Preview> preview_of(const Frame& frame);

  const std::vector<std::string>& names_;
  std::deque<FrameLedger>& ledgers_;
  std::vector<SourceReport>& reports_;
  OutputSet* outputs_;
  std::unique_ptr<Sampler> sampler_;
  ConsumerSettings settings_;
  Stage& track_stage_;
  Stage& output_stage_;
  DurationHistogram latency_;

  // Of the source whose results come now.
  std::shared_ptr<const std::string> name_;
  FaceTracker tracker_;
  FaceSmoother smoother_;
  std::chrono::steady_clock::time_point begun_;
  Tensor preview_;
};

}  // namespace retinue
