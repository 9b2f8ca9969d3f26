/// Runs the steps of frames: whole frames, or group by group as a scheduler says.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "geometry/camera.hpp"
#include "pipeline/pipeline_item.hpp"
#include "task/step.hpp"
#include "telemetry/stage.hpp"
#include "tensor/stream.hpp"

namespace retinue {

/// How a frame's camera is known.
struct CameraSettings {
  double horizontal_fov_rad = 1.0471975511965976;  ///< 60 degrees.
  /// In pixels of the picture; the field of view is not used then.
  std::optional<PinholeCamera<FramePx>> intrinsics;
};

/// Sees the inputs of sessions on their way: how a benchmark records real ones.
class InputObserver {
 public:
  virtual ~InputObserver() = default;
  InputObserver() = default;
  InputObserver(const InputObserver&) = delete;
  InputObserver& operator=(const InputObserver&) = delete;
  InputObserver(InputObserver&&) = delete;
  InputObserver& operator=(InputObserver&&) = delete;

  /// `inputs`, in the order of the session's, are borrowed for the call.
  virtual void observe(const Step& step, std::span<const TensorView> inputs) = 0;
};

/// Steps that the lanes share, and where their times go.
struct LaneSettings {
  std::span<const std::unique_ptr<Step>> steps;  ///< Borrowed for the lane's life.
  CameraSettings camera;
  StageTable* stages = nullptr;       ///< Borrowed; never null.
  InputObserver* observer = nullptr;  ///< Borrowed; null in ordinary runs.
};

/// What a source's earlier frames mean for one of its frames.
struct Following {
  SourceFollower* follower = nullptr;  ///< Borrowed; null: every frame stands for itself.
  bool detection_due = true;
};

/// What one thread needs to analyse frames: a sampler, a stream, and tensors that grow to the
/// largest shapes seen. Thread-bound.
class Lane {
 public:
  /// `sampler` works on the device of the frames and the sessions.
  Lane(const LaneSettings& settings, std::unique_ptr<Sampler> sampler);

  /// All steps, here and now. Never fails as a whole: an error is part of the answer. The answer
  /// depends on the frame and on `following` alone.
  AnalysedFrame analyse(Frame frame, const Following& following = {});

  /// The same into `result`, with the memory that it and `analysis` have from frames before.
  void analyse(Frame frame, const Following& following, FrameAnalysis& analysis,
               AnalysedFrame& result);

  // The same in pieces: those of one frame may run on different lanes. The pieces of a step are
  // begin_step, then every group once in any order and at the same time, then finish_step.

  void begin(Frame frame, const Following& following, FrameAnalysis& analysis) const;

  /// How many groups of requests the step makes. Nullopt: the step does not apply to this frame and
  /// is not to be finished.
  std::optional<std::size_t> begin_step(std::size_t step, FrameAnalysis& analysis) const;

  /// Errors  the sampler's, the session's or the step's.
  Result<void> run_group(std::size_t step, FrameAnalysis& analysis, std::size_t group);

  void finish_step(std::size_t step, FrameAnalysis& analysis);

  /// Moves the frame and what was found into `result`. After an error there are no faces.
  static void finish(FrameAnalysis& analysis, std::optional<Error> error, AnalysedFrame& result);

  /// All that the lane has for the sessions' inputs and outputs.
  TensorStatistics tensors() const;

 private:
  /// What a step's session makes of an input.
  struct KnownShapes {
    Shape input;  ///< The first of one request.
    std::vector<Shape> outputs;
  };
  /// Tensors and statistics of one step.
  struct StepState {
    const Step* step;
    Stage* inference;
    std::vector<Tensor> inputs;
    std::vector<TensorView> input_views;
    std::vector<Tensor> outputs;
    std::vector<TensorView> output_views;
    std::vector<TensorView> request_views;  ///< The part of either that is one request's.
    /// Pictures of one kind have one, so it stays short.
    std::vector<KnownShapes> known_shapes;
  };

  static const std::vector<Shape>& output_shapes(StepState& state, const Shape& input);

  Result<void> run_steps(FrameAnalysis& analysis);
  Result<void> run_request_without_session(StepState& state, FrameAnalysis& analysis,
                                           std::size_t request);
  PinholeCamera<UprightPx> camera_of(const PictureGeometry& geometry) const;

  CameraSettings camera_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Stream> stream_;
  std::vector<StepState> steps_;
  Stage* preprocess_;
  Stage* postprocess_ = nullptr;
  InputObserver* observer_;
};

}  // namespace retinue
