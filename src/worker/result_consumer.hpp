/// The ordered end of a run: tracks, smooths, tells the action units and hands every result to the
/// outputs.
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
#include "face/action_unit_estimator.hpp"
#include "face/openface_estimator.hpp"
#include "face/openface_model.hpp"
#include "pipeline/pipeline.hpp"
#include "preprocess/sampler.hpp"
#include "smooth/face_smoother.hpp"
#include "smooth/person_smoother.hpp"
#include "telemetry/histogram.hpp"
#include "telemetry/ledger.hpp"
#include "telemetry/stage.hpp"
#include "tensor/tensor.hpp"
#include "track/face_cover.hpp"
#include "track/face_tracker.hpp"
#include "track/person_linker.hpp"
#include "track/person_tracker.hpp"
#include "worker/output_set.hpp"
#include "worker/run_progress.hpp"
#include "worker/run_report.hpp"
#include "worker/second_pass.hpp"
#include "worker/view_board.hpp"

namespace retinue {

struct ConsumerSettings {
  TaskSet tasks;
  bool smoothing = true;
  bool anonymize_faces = false;  ///< In every picture that leaves the program.
  /// Of the chain that measured the action units; null where they are from blendshapes.
  std::shared_ptr<const OpenFaceModel> openface;
  StageTable* stages = nullptr;     ///< Borrowed.
  RunProgress* progress = nullptr;  ///< Borrowed.
  ViewBoard* view = nullptr;        ///< Borrowed; null where nobody looks.
};

/// What a run knows of each source: where its results and figures go.
struct ConsumedSource {
  std::string name;  ///< Passwords masked.
  bool live = false;
  FrameLedger* ledger = nullptr;   ///< Borrowed.
  SourceReport* report = nullptr;  ///< Borrowed.
};

/// Called by one thread at a time for each source; for different sources at the same time.
class ResultConsumer final : public ItemConsumer {
 public:
  /// `outputs` is borrowed; null for a run that writes nothing.
  ResultConsumer(std::vector<ConsumedSource> sources, const OutputSet* outputs,
                 const ConsumerSettings& settings);

  Result<void> consume(AnalysedItem& item) override;
  void load_changed(LoadLevel level) override;

  /// Closes what sources of a failed run left open, so that their files are valid.
  Result<void> finish();

  /// From arrival to result, over all sources.
  const DurationHistogram& latency() const { return latency_; }

 private:
  /// A result on its way out, with its frame if it has one.
  struct Held {
    FrameResult result;
    std::optional<Frame> frame;
    bool failed = false;  ///< The analysis ended with an error.
  };
  /// Of a source between its first item and its last.
  struct Open {
    std::shared_ptr<const std::string> name;
    FaceTracker face_tracker;
    PersonTracker person_tracker;
    PersonLinker person_linker;
    FaceSmoother face_smoother;
    PersonSmoother person_smoother;
    ActionUnitEstimator action_units;
    std::optional<OpenFaceEstimator> openface;
    std::optional<SecondPass> second_pass;  ///< Of a recording with action units of OpenFace.
    DurationHistogram latency;
    std::chrono::steady_clock::time_point begun;
    std::int64_t superseded = 0;  ///< As many as the progress knows of.
    SourceOutputs outputs;
    std::unique_ptr<Sampler> sampler;  ///< For previews, once one is wanted.
    Tensor preview;
    /// Where faces are to be hidden; none before the first frame.
    std::optional<FaceCover> cover;
    /// In order; what waits for `cover`.
    std::deque<Held> held;
  };

  Result<void> begin(std::size_t source, const SourceBegin& begin);
  Result<void> deliver(std::size_t source, AnalysedFrame& analysed);
  Result<void> deliver(std::size_t source, DecodeFailure failure);
  Result<void> end(std::size_t source, SourceEnd end);
  void track_and_smooth(Open& open, FrameResult& result) const;
  static void estimate_action_units(Open& open, FrameResult& result);
  bool hides_faces(const Open& open) const;
  Result<void> hold(std::size_t source, Held held);
  Result<void> write_held_back(std::size_t source);
  Result<void> release(std::size_t source, Open& open, bool at_end);
  Result<void> hand_out(std::size_t source, Open& open, const Held& held);
  Result<void> write(Open& open, const FrameResult& result, const Frame* frame);
  static Result<Preview> preview_of(Open& open, const Frame& frame);

  std::vector<ConsumedSource> sources_;
  std::vector<std::unique_ptr<Open>> open_;
  const OutputSet* outputs_;
  ConsumerSettings settings_;
  Stage& track_stage_;
  Stage& action_unit_stage_;
  Stage& output_stage_;
  DurationHistogram latency_;
};

}  // namespace retinue
