#include "pipeline/lane.hpp"

#include <algorithm>

namespace retinue {

namespace {

/// `shape` for `count` requests.
Shape batched(Shape shape, std::size_t count) {
  shape[0] = static_cast<std::int64_t>(count);
  return shape;
}

}  // namespace

Lane::Lane(const LaneSettings& settings, std::unique_ptr<Sampler> sampler)
    : camera_(settings.camera),
      sampler_(std::move(sampler)),
      stream_(std::make_unique<Stream>()),
      preprocess_(&settings.stages->stage("preprocess")),
      observer_(settings.observer) {
  for (const std::unique_ptr<Step>& step : settings.steps) {
    steps_.push_back({.step = step.get(),
                      .inference = &settings.stages->stage(step->name()),
                      .inputs = {},
                      .input_views = {},
                      .outputs = {},
                      .output_views = {},
                      .request_views = {},
                      .known_shapes = {}});
  }
  postprocess_ = &settings.stages->stage("postprocess");
}

void Lane::begin(Frame frame, const Following& following, FrameAnalysis& analysis) const {
  const PinholeCamera<UprightPx> camera = camera_of(frame.geometry());
  analysis.restart(std::move(frame), camera);
  analysis.follower = following.follower;
  analysis.detection_due = following.detection_due;
}

AnalysedFrame Lane::analyse(Frame frame, const Following& following) {
  FrameAnalysis analysis;
  AnalysedFrame result;
  analyse(std::move(frame), following, analysis, result);
  return result;
}

void Lane::analyse(Frame frame, const Following& following, FrameAnalysis& analysis,
                   AnalysedFrame& result) {
  begin(std::move(frame), following, analysis);
  Result<void> done = run_steps(analysis);
  std::optional<Error> error;
  if (!done) error = std::move(done).error();
  finish(analysis, std::move(error), result);
}

Result<void> Lane::run_steps(FrameAnalysis& analysis) {
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    const std::optional<std::size_t> groups = begin_step(step, analysis);
    if (!groups) continue;
    for (std::size_t group = 0; group < *groups; ++group)
      TRY(run_group(step, analysis, group));
    finish_step(step, analysis);
  }
  return {};
}

std::optional<std::size_t> Lane::begin_step(std::size_t step, FrameAnalysis& analysis) const {
  const Step& work = *steps_[step].step;
  if (!work.applies(analysis)) return std::nullopt;
  work.begin(analysis);
  const std::size_t limit = std::max<std::size_t>(1, work.batch_limit());
  return (work.request_count(analysis) + limit - 1) / limit;
}

void Lane::finish_step(std::size_t step, FrameAnalysis& analysis) {
  const StepState& state = steps_[step];
  const bool works_before =
      state.step->session() != nullptr || state.step->input_shape(analysis).rank() != 0;
  if (works_before) return state.step->finish(analysis);
  const StageTimer timer(*state.inference, analysis.frame.times().index);
  state.step->finish(analysis);
}

void Lane::finish(FrameAnalysis& analysis, std::optional<Error> error, AnalysedFrame& result) {
  result.release();
  result.frame = std::move(analysis.frame);
  result.error = std::move(error);
  if (!result.error) {
    const Affine<FramePx, UprightPx> frame_from_upright =
        result.frame.geometry().frame_from_upright();
    for (const FaceIn<UprightPx>& face : analysis.faces) {
      Face& found = result.faces.emplace_back();
      if (!face.landmarks.empty()) result.spare_landmarks.give_to(found);
      transform(frame_from_upright, face, found);
    }
    for (const PersonIn<UprightPx>& person : analysis.persons)
      result.persons.push_back(transformed(frame_from_upright, person));
  }
  analysis.release();
}

TensorStatistics Lane::tensors() const {
  TensorStatistics all;
  for (const StepState& state : steps_) {
    for (const Tensor& input : state.inputs)
      all += input.statistics();
    for (const Tensor& output : state.outputs)
      all += output.statistics();
  }
  return all;
}

const std::vector<Shape>& Lane::output_shapes(StepState& state, const Shape& input) {
  const auto known = std::ranges::find(state.known_shapes, input, &KnownShapes::input);
  if (known != state.known_shapes.end()) return known->outputs;
  return state.known_shapes.emplace_back(KnownShapes{input, state.step->output_shapes(input)})
      .outputs;
}

Result<void> Lane::run_group(std::size_t step, FrameAnalysis& analysis, std::size_t group) {
  StepState& state = steps_[step];
  if (state.step->session() == nullptr) return run_request_without_session(state, analysis, group);
  const std::size_t limit = std::max<std::size_t>(1, state.step->batch_limit());
  const std::size_t first = group * limit;
  const std::uint64_t frame = analysis.frame.times().index;
  const std::size_t count = std::min(limit, state.step->request_count(analysis) - first);
  const Shape shape = state.step->input_shape(analysis);
  const std::vector<Shape>& shapes = output_shapes(state, shape);
  state.outputs.resize(shapes.size());
  const std::span<const Shape> further = state.step->further_input_shapes();
  state.inputs.resize(1 + further.size());
  state.input_views.clear();
  for (std::size_t i = 0; i < state.inputs.size(); ++i) {
    state.inputs[i].resize(state.step->session()->inputs()[i].type,
                           batched(i == 0 ? shape : further[i - 1], count));
    state.input_views.push_back(state.inputs[i].view());
  }
  state.output_views.clear();
  for (std::size_t i = 0; i < state.outputs.size(); ++i) {
    // Where requests do not share a run, an output need not have a batch axis.
    state.outputs[i].resize(state.step->session()->outputs()[i].type,
                            limit == 1 ? shapes[i] : batched(shapes[i], count));
    state.output_views.push_back(state.outputs[i].view());
  }
  {
    const StageTimer timer(*preprocess_, frame);
    for (std::size_t i = 0; i < count; ++i) {
      state.request_views.clear();
      for (const TensorView& input : state.input_views)
        state.request_views.push_back(input.slice(static_cast<std::int64_t>(i), 1));
      TRY(state.step->prepare_inputs(analysis, first + i, *sampler_, state.request_views));
    }
  }
  for (const TensorView& constant : state.step->constant_inputs())
    state.input_views.push_back(constant);
  if (observer_ != nullptr) observer_->observe(*state.step, state.input_views);
  {
    const StageTimer timer(*state.inference, frame);
    TRY(state.step->session()->run(state.input_views, state.output_views, *stream_));
    stream_->synchronize();
  }
  const StageTimer timer(*postprocess_, frame);
  if (limit == 1) return state.step->postprocess(analysis, first, state.output_views);
  for (std::size_t i = 0; i < count; ++i) {
    state.request_views.clear();
    for (const TensorView& output : state.output_views)
      state.request_views.push_back(output.slice(static_cast<std::int64_t>(i), 1));
    TRY(state.step->postprocess(analysis, first + i, state.request_views));
  }
  return {};
}

// A group is one request.
Result<void> Lane::run_request_without_session(StepState& state, FrameAnalysis& analysis,
                                               std::size_t request) {
  const std::uint64_t frame = analysis.frame.times().index;
  state.inputs.resize(1);
  state.inputs[0].resize(ElementType::uint8, state.step->input_shape(analysis));
  state.input_views.assign(1, state.inputs[0].view());
  {
    const StageTimer timer(*preprocess_, frame);
    TRY(state.step->prepare_inputs(analysis, request, *sampler_, state.input_views));
  }
  const StageTimer timer(*state.inference, frame);
  return state.step->postprocess(analysis, request, state.input_views);
}

PinholeCamera<UprightPx> Lane::camera_of(const PictureGeometry& geometry) const {
  if (!camera_.intrinsics) {
    return PinholeCamera<UprightPx>::from_field_of_view(geometry.upright_bounds(),
                                                        camera_.horizontal_fov_rad);
  }
  const Affine<UprightPx, FramePx> map = geometry.frame_from_upright().inverse();
  const PinholeCamera<FramePx>& camera = *camera_.intrinsics;
  return {camera.focal_x * map.xx, camera.focal_y * map.yy, camera.center_x * map.xx,
          camera.center_y * map.yy};
}

}  // namespace retinue
