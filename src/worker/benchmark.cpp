#include "worker/benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <latch>
#include <map>
#include <numbers>
#include <span>
#include <thread>
#include <utility>

#include "pipeline/lane.hpp"
#include "source/source_list.hpp"
#include "worker/model_loading.hpp"
#include "worker/run.hpp"
#include "worker/source_producer.hpp"

namespace retinue {

namespace {

using Clock = std::chrono::steady_clock;
using Cause = RunFailure::Cause;

constexpr std::size_t kRecordedInputs = 32;
constexpr std::uint64_t kCalibrationFrames = 300;
constexpr int kRunsPerCore = 200;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The inputs of one session, copied.
struct Recording {
  std::string name;
  std::vector<std::vector<Tensor>> runs;  ///< Of each run, all inputs.
};

class Recorder final : public InputObserver {
 public:
  void observe(const Step& step, std::span<const TensorView> inputs) override {
    Recording& recording = recordings_[step.session()];
    if (recording.runs.size() >= kRecordedInputs) return;
    recording.name = step.name();
    std::vector<Tensor>& copies = recording.runs.emplace_back();
    for (const TensorView& input : inputs) {
      const Tensor& copy = copies.emplace_back(input.type, input.shape);
      std::memcpy(copy.view().data, input.data, input.size_bytes());
    }
  }

  const std::map<const Session*, Recording>& recordings() const { return recordings_; }

 private:
  std::map<const Session*, Recording> recordings_;
};

/// Times of `runs` runs over the recorded inputs, in the caller's thread.
Result<std::vector<double>> time_session(const Session& session, const Recording& recording,
                                         int runs) {
  Stream stream;
  std::vector<double> times_ms;
  std::vector<Tensor> outputs;
  std::vector<Shape> shapes_seen;
  for (int run = 0; run < runs; ++run) {
    std::vector<TensorView> inputs;
    std::vector<Shape> input_shapes;
    for (const Tensor& input :
         recording.runs[static_cast<std::size_t>(run) % recording.runs.size()]) {
      inputs.push_back(input.view());
      input_shapes.push_back(input.shape());
    }
    if (input_shapes != shapes_seen) {
      const std::vector<Shape> shapes = TRY(session.output_shapes(input_shapes));
      outputs.resize(shapes.size());
      for (std::size_t i = 0; i < shapes.size(); ++i)
        outputs[i].resize(session.outputs()[i].type, shapes[i]);
      shapes_seen = std::move(input_shapes);
    }
    std::vector<TensorView> views;
    views.reserve(outputs.size());
    for (const Tensor& output : outputs)
      views.push_back(output.view());
    const Clock::time_point begin = Clock::now();
    TRY(session.run(inputs, views, stream));
    times_ms.push_back(ms_since(begin));
  }
  return times_ms;
}

/// One copy of the session's work on every core at once: cores share caches and memory in a run,
/// too.
Result<double> calibrate_session(const Session& session, const Recording& recording,
                                 unsigned cores) {
  std::latch start(cores);
  std::vector<Result<std::vector<double>>> times(cores);
  {
    std::vector<std::jthread> threads;
    for (unsigned core = 0; core < cores; ++core) {
      threads.emplace_back([&, core] {
        start.arrive_and_wait();
        times[core] = time_session(session, recording, kRunsPerCore);
      });
    }
  }
  std::vector<double> all;
  for (Result<std::vector<double>>& core : times) {
    if (!core) return tl::unexpected<Error>(std::move(core).error());
    all.insert(all.end(), core->begin(), core->end());
  }
  return median(std::move(all));
}

/// Decodes the first source alone, then analyses its frames once to record what the sessions see.
class Calibration {
 public:
  Calibration(const RunSettings& settings, std::stop_token stop)
      : settings_(settings), stop_(std::move(stop)) {}

  tl::expected<std::vector<CalibratedStage>, RunFailure> operator()() {
    Result<std::vector<SourceSpec>> sources = expand_source(settings_.sources.front());
    if (!sources) return failure(Cause::usage, std::move(sources).error());
    Result<std::vector<LoadedModel>> models = load_models(settings_, stop_);
    if (!models) return failure(Cause::model, std::move(models).error());
    Result<AnalysisPlan> plan = create_plan(settings_.tasks, *models,
                                            {.detect_size = settings_.detect_size,
                                             .max_faces = settings_.max_faces,
                                             .min_score = settings_.min_score},
                                            {.detect_size = settings_.detect_size,
                                             .max_persons = settings_.max_persons,
                                             .min_score = settings_.min_score});
    if (!plan) return failure(Cause::model, std::move(plan).error());
    if (Result<void> decoded = decode(sources->front()); !decoded) {
      return failure(Cause::usage, std::move(decoded).error());
    }
    Recorder recorder;
    if (Result<void> recorded = record(sources->front(), plan->steps, recorder); !recorded) {
      return failure(Cause::device, std::move(recorded).error());
    }
    for (const auto& [session, recording] : recorder.recordings()) {
      Result<double> ms =
          calibrate_session(*session, recording, std::max(1U, std::thread::hardware_concurrency()));
      if (!ms) return failure(Cause::model, std::move(ms).error());
      stages_.push_back({.name = recording.name, .ms_per_call = *ms});
    }
    return std::move(stages_);
  }

 private:
  static tl::unexpected<RunFailure> failure(Cause cause, Error error) {
    return tl::unexpected<RunFailure>(RunFailure{cause, std::move(error)});
  }

  /// Calls `visit(Frame)` for the frames of the source, up to kCalibrationFrames.
  template <typename Visit>
  void for_each_frame(const SourceSpec& spec, StageTable& stages, const Visit& visit) {
    const PlannedSource planned{spec.name, spec};
    FrameLedger ledger;
    SourceProducer producer(planned, ledger,
                            {.frames = {.first = 0, .end = kCalibrationFrames},
                             .decoder = {.threads = settings_.decode_threads},
                             .stop = stop_,
                             .stages = &stages});
    while (std::optional<PipelineItem> item = producer.next()) {
      if (auto* frame = std::get_if<Frame>(&*item)) visit(std::move(*frame));
      const auto* end = std::get_if<SourceEnd>(&*item);
      if (end != nullptr && end->error) problem_ = end->error->message();
    }
  }

  Result<void> decode(const SourceSpec& spec) {
    StageTable stages;
    std::int64_t frames = 0;
    for_each_frame(spec, stages, [&frames](const Frame&) { ++frames; });
    if (frames == 0) {
      return fail(ErrorCode::invalid_argument,
                  problem_.empty() ? "'" + spec.name + "' has no frames" : problem_);
    }
    stages_.push_back(
        {.name = "decode",
         .ms_per_call = stages.stage("decode").total_ms() / static_cast<double>(frames),
         .calls_per_frame = 1});
    return {};
  }

  Result<void> record(const SourceSpec& spec, const std::vector<std::unique_ptr<Step>>& steps,
                      Recorder& recorder) {
    StageTable stages;
    std::unique_ptr<Sampler> sampler = TRY(create_sampler(Device{}));
    Lane lane(
        {.steps = steps,
         .camera = {.horizontal_fov_rad = settings_.horizontal_fov_deg * std::numbers::pi / 180,
                    .intrinsics = settings_.intrinsics},
         .stages = &stages,
         .observer = &recorder},
        std::move(sampler));
    std::optional<Error> error;
    for_each_frame(spec, stages, [&](Frame frame) {
      AnalysedFrame analysed = lane.analyse(std::move(frame));
      if (analysed.error && !error) error = std::move(analysed.error);
    });
    if (error) return tl::unexpected<Error>(std::move(*error));
    return {};
  }

  const RunSettings& settings_;
  std::stop_token stop_;
  std::vector<CalibratedStage> stages_;
  std::string problem_;
};

}  // namespace

tl::expected<BenchmarkReport, RunFailure> run_benchmark(RunSettings settings, int repeat,
                                                        RunProgress& progress,
                                                        std::stop_token stop) {
  tl::expected<std::vector<CalibratedStage>, RunFailure> calibration =
      Calibration(settings, stop)();
  if (!calibration) return tl::unexpected<RunFailure>(std::move(calibration).error());

  settings.outputs = {};
  const std::vector<std::string> once = settings.sources;
  for (int i = 1; i < repeat; ++i)
    settings.sources.insert(settings.sources.end(), once.begin(), once.end());
  tl::expected<RunReport, RunFailure> run = run_sources(settings, progress, std::move(stop));
  if (!run) return tl::unexpected<RunFailure>(std::move(run).error());

  BenchmarkReport report{.run = *std::move(run),
                         .calibration = *std::move(calibration),
                         .cores = std::max(1U, std::thread::hardware_concurrency())};
  const auto frames = static_cast<double>(std::max<std::int64_t>(1, report.run.frames()));
  double ms_per_frame = 0;
  for (CalibratedStage& stage : report.calibration) {
    const auto found = std::ranges::find(report.run.stages, stage.name, &StageReport::name);
    if (stage.name != "decode" && found != report.run.stages.end()) {
      stage.calls_per_frame = static_cast<double>(found->calls) / frames;
    }
    ms_per_frame += stage.calls_per_frame * stage.ms_per_call;
  }
  report.frames_per_s = frames / report.run.processing_s;
  report.bound_frames_per_s = report.cores * 1000.0 / ms_per_frame;
  report.ratio = report.frames_per_s / report.bound_frames_per_s;
  report.cpu_s_per_frame = report.run.processing_cpu_s / frames;
  return report;
}

}  // namespace retinue
