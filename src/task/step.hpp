/// A task as the lanes see it: which requests a frame makes of a model, and what the answers mean.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "infer/session.hpp"
#include "preprocess/sampler.hpp"
#include "task/frame_analysis.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// A frame runs through its steps in order. A step makes 0..n requests of one session, each for one
/// region; they are independent of one another, so that a lane may group them into batches and
/// several lanes may answer them at once. What a step computes depends on the frame alone, and, in
/// steps that take their turn (AnalysisPlan), on the frames before it.
///
/// Reentrant: const, shared by all lanes.
class Step {
 public:
  virtual ~Step() = default;
  Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  Step(Step&&) = delete;
  Step& operator=(Step&&) = delete;

  /// In statistics: the task's name.
  virtual std::string_view name() const = 0;

  /// Null: the step is arithmetic only. Its work is in `finish`, or, where it has an `input_shape`,
  /// in the `postprocess` of its requests, whose outputs are their input as `prepare` filled it.
  virtual const Session* session() const { return nullptr; }

  /// False: nothing of the step is called for this frame.
  virtual bool applies(const FrameAnalysis&) const { return true; }

  /// Called once, before the first request: what the requests are may be decided here.
  virtual void begin(FrameAnalysis&) const {}

  /// How many requests the session takes in one run; 1 where its batch axis is closed.
  virtual std::size_t batch_limit() const { return 1; }

  virtual std::size_t request_count(const FrameAnalysis&) const { return 0; }

  /// Of one request: the batch axis is 1. Of the session's first input; of a step without a
  /// session, of a uint8 tensor, or without axes where it looks at no pixels.
  virtual Shape input_shape(const FrameAnalysis&) const { return {}; }

  /// Of the session's other inputs that are prepared, in their order; the batch axis is 1. The same
  /// for all frames.
  virtual std::span<const Shape> further_input_shapes() const { return {}; }

  /// What the session takes behind those, the same for every frame; borrowed from the step. A
  /// session that has such inputs takes one request in one run.
  virtual std::span<const TensorView> constant_inputs() const { return {}; }

  /// For an input of `input_shape`, in the order of the session's outputs; the batch axis is 1.
  virtual std::vector<Shape> output_shapes(const Shape& input_shape) const;

  /// Fills the input of one request.
  virtual Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                               TensorView input) const;

  /// The same for all inputs of the session, in their order; what lanes call. Steps whose session
  /// has one input leave it as it is: it calls `prepare`.
  virtual Result<void> prepare_inputs(const FrameAnalysis& analysis, std::size_t request,
                                      Sampler& sampler, std::span<const TensorView> inputs) const;

  /// Takes the outputs of one request into `analysis`: of several requests, only into what is this
  /// one's, because other lanes may be doing the same for theirs.
  virtual Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                                   std::span<const TensorView> outputs) const;

  /// Called once, after the last request.
  virtual void finish(FrameAnalysis&) const {}
};

}  // namespace retinue
