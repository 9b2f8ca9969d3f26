#include "pipeline/lane.hpp"

#include <algorithm>
#include <array>

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
                      .input = {},
                      .outputs = {},
                      .output_views = {},
                      .request_views = {},
                      .shape_seen = {},
                      .output_shapes = {}});
  }
  postprocess_ = &settings.stages->stage("postprocess");
}

FrameAnalysis Lane::begin(Frame frame, const Following& following) const {
  const PictureGeometry geometry = frame.geometry();
  return {.frame = std::move(frame),
          .camera = camera_of(geometry),
          .follower = following.follower,
          .detection_due = following.detection_due,
          .faces = {},
          .regions = {},
          .second_looks = {}};
}

AnalysedFrame Lane::analyse(Frame frame, const Following& following) {
  FrameAnalysis analysis = begin(std::move(frame), following);
  Result<void> done = run_steps(analysis);
  std::optional<Error> error;
  if (!done) error = std::move(done).error();
  return finish(std::move(analysis), std::move(error));
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
  if (state.step->session() != nullptr) return state.step->finish(analysis);
  const StageTimer timer(*state.inference, analysis.frame.times().index);
  state.step->finish(analysis);
}

AnalysedFrame Lane::finish(FrameAnalysis analysis, std::optional<Error> error) {
  AnalysedFrame result{.frame = std::move(analysis.frame), .faces = {}, .error = std::move(error)};
  if (result.error) return result;
  const Affine<FramePx, UprightPx> frame_from_upright =
      result.frame.geometry().frame_from_upright();
  result.faces.reserve(analysis.faces.size());
  for (FaceIn<UprightPx>& face : analysis.faces) {
    result.faces.push_back(transformed(frame_from_upright, std::move(face)));
  }
  return result;
}

Result<void> Lane::run_group(std::size_t step, FrameAnalysis& analysis, std::size_t group) {
  StepState& state = steps_[step];
  const std::size_t limit = std::max<std::size_t>(1, state.step->batch_limit());
  const std::size_t first = group * limit;
  const std::uint64_t frame = analysis.frame.times().index;
  const std::size_t count = std::min(limit, state.step->request_count(analysis) - first);
  const Shape shape = state.step->input_shape(analysis);
  if (shape != state.shape_seen) {
    state.output_shapes = state.step->output_shapes(shape);
    state.shape_seen = shape;
    state.outputs.resize(state.output_shapes.size());
  }
  state.input.resize(state.step->session()->inputs()[0].type, batched(shape, count));
  state.output_views.clear();
  for (std::size_t i = 0; i < state.outputs.size(); ++i) {
    state.outputs[i].resize(state.step->session()->outputs()[i].type,
                            batched(state.output_shapes[i], count));
    state.output_views.push_back(state.outputs[i].view());
  }
  const TensorView input = state.input.view();
  {
    const StageTimer timer(*preprocess_, frame);
    for (std::size_t i = 0; i < count; ++i) {
      TRY(state.step->prepare(analysis, first + i, *sampler_,
                              input.slice(static_cast<std::int64_t>(i), 1)));
    }
  }
  if (observer_ != nullptr) observer_->observe(*state.step, input);
  {
    const StageTimer timer(*state.inference, frame);
    TRY(state.step->session()->run(std::array{input}, state.output_views, *stream_));
    stream_->synchronize();
  }
  const StageTimer timer(*postprocess_, frame);
  for (std::size_t i = 0; i < count; ++i) {
    state.request_views.clear();
    for (const TensorView& output : state.output_views)
      state.request_views.push_back(output.slice(static_cast<std::int64_t>(i), 1));
    TRY(state.step->postprocess(analysis, first + i, state.request_views));
  }
  return {};
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
