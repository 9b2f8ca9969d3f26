#include "worker/calibration.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <latch>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "pipeline/lane.hpp"
#include "source/source_list.hpp"
#include "worker/model_loading.hpp"
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

tl::unexpected<RunFailure> failure(Cause cause, Error error) {
  return tl::unexpected<RunFailure>(RunFailure{cause, std::move(error)});
}

/// The inputs of one session, copied.
struct Recording {
  const Session* session = nullptr;
  std::string name;
  std::vector<std::vector<Tensor>> runs;  ///< Of each run, all inputs.
};

/// One recording a session, in the order of the steps.
class Recorder final : public InputObserver {
 public:
  explicit Recorder(const std::vector<std::unique_ptr<Step>>& steps) {
    for (const std::unique_ptr<Step>& step : steps) {
      if (step->session() == nullptr || recording_of(step->session()) != nullptr) continue;
      recordings_.push_back({step->session(), std::string(step->name()), {}});
    }
  }

  void observe(const Step& step, std::span<const TensorView> inputs) override {
    Recording& recording = *recording_of(step.session());
    if (recording.runs.size() >= kRecordedInputs) return;
    std::vector<Tensor>& copies = recording.runs.emplace_back();
    for (const TensorView& input : inputs) {
      const Tensor& copy = copies.emplace_back(input.type, input.shape);
      std::memcpy(copy.view().data, input.data, input.size_bytes());
    }
  }

  bool has_all() const {
    return std::ranges::none_of(recordings_,
                                [](const Recording& recording) { return recording.runs.empty(); });
  }

  std::vector<Recording> take() { return std::move(recordings_); }

 private:
  Recording* recording_of(const Session* session) {
    const auto found = std::ranges::find(recordings_, session, &Recording::session);
    return found == recordings_.end() ? nullptr : &*found;
  }

  std::vector<Recording> recordings_;
};

/// Times of `runs` runs over the recorded inputs, in the caller's thread.
Result<std::vector<double>> time_session(const Recording& recording, int runs) {
  const Session& session = *recording.session;
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
Result<double> calibrate_session(const Recording& recording, unsigned cores) {
  std::latch start(cores);
  std::vector<Result<std::vector<double>>> times(cores);
  {
    std::vector<std::jthread> threads;
    try {
      for (unsigned core = 0; core < cores; ++core) {
        threads.emplace_back([&, core] {
          start.arrive_and_wait();
          times[core] = time_session(recording, kRunsPerCore);
        });
      }
    } catch (const std::system_error& error) {
      // Those that are there would wait for the others for ever.
      start.count_down(static_cast<std::ptrdiff_t>(cores - threads.size()));
      return fail(ErrorCode::resource_exhausted,
                  std::string("starting a thread of the calibration: ") + error.what());
    }
  }
  std::vector<double> all;
  for (Result<std::vector<double>>& core : times) {
    if (!core) return tl::unexpected<Error>(std::move(core).error());
    all.insert(all.end(), core->begin(), core->end());
  }
  return median(std::move(all));
}

}  // namespace

struct Calibration::Recorded {
  const RunSettings& settings;
  std::stop_token stop;
  SourceSpec source;
  std::vector<Recording> sessions;

  /// Calls `visit(Frame)` for frames of the source until it returns false.
  ///
  /// Errors  invalid_argument: there are none.
  template <typename Visit>
  Result<void> for_each_frame(const FrameRange& range, StageTable& stages,
                              const Visit& visit) const {
    const PlannedSource planned{source.name, source};
    FrameLedger ledger;
    SourceProducer producer(
        planned, ledger,
        {.frames = range, .decoder = {.threads = 1}, .stop = stop, .stages = &stages});
    std::string problem = "'" + source.name + "' has no frames";
    bool any = false;
    while (std::optional<PipelineItem> item = producer.next()) {
      const auto* end = std::get_if<SourceEnd>(&*item);
      if (end != nullptr && end->error) problem = end->error->message();
      auto* frame = std::get_if<Frame>(&*item);
      if (frame == nullptr) continue;
      any = true;
      if (!visit(std::move(*frame))) break;
    }
    if (!any) return fail(ErrorCode::invalid_argument, problem);
    return {};
  }

  tl::expected<void, RunFailure> record(const AnalysisPlan& plan) {
    StageTable stages;
    Recorder recorder(plan.steps);
    Result<std::unique_ptr<Sampler>> sampler = create_sampler(Device{});
    if (!sampler) return failure(Cause::device, std::move(sampler).error());
    Lane lane(
        {.steps = plan.steps,
         .camera = {.horizontal_fov_rad = settings.horizontal_fov_deg * std::numbers::pi / 180,
                    .intrinsics = settings.intrinsics},
         .stages = &stages,
         .observer = &recorder},
        *std::move(sampler));
    std::optional<Error> error;
    std::uint64_t frames = 0;
    Result<void> read = for_each_frame(settings.frames, stages, [&](Frame frame) {
      AnalysedFrame analysed = lane.analyse(std::move(frame));
      if (analysed.error) error = std::move(analysed.error);
      ++frames;
      return !error && (frames < kCalibrationFrames || !recorder.has_all());
    });
    if (!read) return failure(Cause::usage, std::move(read).error());
    if (error) return failure(Cause::device, std::move(*error));
    sessions = recorder.take();
    return {};
  }

  Result<CalibratedStage> decode() const {
    StageTable stages;
    std::int64_t frames = 0;
    TRY(for_each_frame({.first = 0, .end = kCalibrationFrames}, stages, [&frames](const Frame&) {
      ++frames;
      return true;
    }));
    return CalibratedStage{
        .name = "decode",
        .ms_per_call = stages.stage("decode").total_ms() / static_cast<double>(frames),
        .calls_per_frame = 1};
  }
};

Calibration::Calibration(std::unique_ptr<Recorded> recorded) : recorded_(std::move(recorded)) {}
Calibration::Calibration(Calibration&&) noexcept = default;
Calibration& Calibration::operator=(Calibration&&) noexcept = default;
Calibration::~Calibration() = default;

tl::expected<Calibration, RunFailure> Calibration::create(const RunSettings& settings,
                                                          const LoadedModels& models,
                                                          std::stop_token stop) {
  Result<std::vector<SourceSpec>> sources = expand_source(settings.sources.front());
  if (!sources) return failure(Cause::usage, std::move(sources).error());
  Result<AnalysisPlan> plan = create_plan(settings, models);
  if (!plan) return failure(Cause::model, std::move(plan).error());
  auto recorded = std::make_unique<Recorded>(
      Recorded{settings, std::move(stop), std::move(sources->front()), {}});
  if (auto done = recorded->record(*plan); !done)
    return tl::unexpected<RunFailure>(std::move(done).error());
  return Calibration(std::move(recorded));
}

tl::expected<std::vector<CalibratedStage>, RunFailure> Calibration::measure() const {
  std::vector<CalibratedStage> stages;
  Result<CalibratedStage> decoded = recorded_->decode();
  if (!decoded) return failure(Cause::usage, std::move(decoded).error());
  stages.push_back(*std::move(decoded));
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  for (const Recording& recording : recorded_->sessions) {
    if (recording.runs.empty()) continue;
    Result<double> ms = calibrate_session(recording, cores);
    if (!ms) return failure(Cause::model, std::move(ms).error());
    stages.push_back({.name = recording.name, .ms_per_call = *ms});
  }
  return stages;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace retinue
