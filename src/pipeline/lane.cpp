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

AnalysedFrame Lane::analyse(Frame frame) {
  const PictureGeometry geometry = frame.geometry();
  FrameAnalysis analysis{
      .frame = std::move(frame), .camera = camera_of(geometry), .faces = {}, .second_looks = {}};
  for (StepState& state : steps_) {
    if (Result<void> done = run_step(state, analysis); !done) {
      return {.frame = std::move(analysis.frame), .faces = {}, .error = std::move(done).error()};
    }
  }
  AnalysedFrame result{.frame = std::move(analysis.frame), .faces = {}, .error = std::nullopt};
  const Affine<FramePx, UprightPx> frame_from_upright = geometry.frame_from_upright();
  result.faces.reserve(analysis.faces.size());
  for (FaceIn<UprightPx>& face : analysis.faces) {
    result.faces.push_back(transformed(frame_from_upright, std::move(face)));
  }
  return result;
}

Result<void> Lane::run_step(StepState& state, FrameAnalysis& analysis) {
  state.step->begin(analysis);
  const std::size_t requests = state.step->request_count(analysis);
  const std::size_t limit = std::max<std::size_t>(1, state.step->batch_limit());
  for (std::size_t first = 0; first < requests; first += limit) {
    TRY(run_group(state, analysis, first, std::min(limit, requests - first)));
  }
  if (state.step->session() == nullptr) {
    const StageTimer timer(*state.inference);
    state.step->finish(analysis);
  } else {
    state.step->finish(analysis);
  }
  return {};
}

Result<void> Lane::run_group(StepState& state, FrameAnalysis& analysis, std::size_t first,
                             std::size_t count) {
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
    const StageTimer timer(*preprocess_);
    for (std::size_t i = 0; i < count; ++i) {
      TRY(state.step->prepare(analysis, first + i, *sampler_,
                              input.slice(static_cast<std::int64_t>(i), 1)));
    }
  }
  if (observer_ != nullptr) observer_->observe(*state.step, input);
  {
    const StageTimer timer(*state.inference);
    TRY(state.step->session()->run(std::array{input}, state.output_views, *stream_));
    stream_->synchronize();
  }
  const StageTimer timer(*postprocess_);
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
