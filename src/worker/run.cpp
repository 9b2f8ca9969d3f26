#include "worker/run.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <numbers>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "infer/inference_runtime.hpp"
#include "pipeline/pipeline.hpp"
#include "source/source_list.hpp"
#include "task/task_list.hpp"
#include "telemetry/process_usage.hpp"
#include "telemetry/trace.hpp"
#include "worker/model_loading.hpp"
#include "worker/output_set.hpp"
#include "worker/result_consumer.hpp"
#include "worker/source_producer.hpp"
#include "worker/view_board.hpp"

namespace retinue {

namespace {

using Cause = RunFailure::Cause;

/// The one that waits, one in each lane, and one that is being handed on.
int live_frames_in_flight(std::size_t lanes) {
  return static_cast<int>(lanes) + 2;
}

tl::unexpected<RunFailure> failure(Cause cause, Error error) {
  return tl::unexpected<RunFailure>(RunFailure{cause, std::move(error)});
}

std::vector<PlannedSource> plan(const RunSettings& settings) {
  std::vector<PlannedSource> planned;
  std::vector<SourceSpec> images_and_videos;
  for (const std::string& argument : settings.sources) {
    Result<std::vector<SourceSpec>> sources = expand_source(argument);
    if (!sources) {
      planned.push_back(
          {mask_passwords(argument), tl::unexpected<Error>(std::move(sources).error())});
      continue;
    }
    for (SourceSpec& source : *sources)
      images_and_videos.push_back(std::move(source));
    if (settings.as_sequence) continue;
    for (SourceSpec& source : images_and_videos) {
      std::string name = mask_passwords(source.name);
      planned.push_back({std::move(name), std::move(source)});
    }
    images_and_videos.clear();
  }
  for (SourceSpec& source : join_images(std::move(images_and_videos))) {
    std::string name = mask_passwords(source.name);
    planned.push_back({std::move(name), std::move(source)});
  }
  for (PlannedSource& source : planned) {
    source.skip = source.spec && settings.outputs.skip_existing &&
                  outputs_complete(settings.outputs, source.name);
  }
  return planned;
}

bool all_done(const std::vector<PlannedSource>& sources) {
  return std::ranges::all_of(
      sources, [](const PlannedSource& source) { return source.skip || !source.spec; });
}

/// Everything between the first frame and the last.
class Run {
 public:
  Run(const RunSettings& settings, RunProgress& progress, std::stop_token stop,
      const RunLoans& loans)
      : settings_(settings),
        progress_(progress),
        stop_(std::move(stop)),
        view_(loans.view),
        lent_models_(loans.models) {}

  tl::expected<RunReport, RunFailure> operator()();

 private:
  tl::expected<void, RunFailure> prepare_analysis();
  tl::expected<void, RunFailure> process(OutputSet* outputs);
  bool is_live(const PlannedSource& source) const;
  void start_view(const PipelineSettings& pipeline, std::size_t lanes);
  void close_books(const DurationHistogram& latency);

  const RunSettings& settings_;
  RunProgress& progress_;
  std::stop_token stop_;
  ViewBoard* view_;
  const LoadedModels* lent_models_;
  std::vector<PlannedSource> sources_;
  std::vector<std::string> names_;
  AnalysisPlan plan_;
  std::shared_ptr<const OpenFaceModel> openface_;
  std::deque<FrameLedger> ledgers_;
  std::unique_ptr<Trace> trace_;
  std::unique_ptr<StageTable> stages_;
  RunReport report_;
};

tl::expected<RunReport, RunFailure> Run::operator()() {
  const auto begin = std::chrono::steady_clock::now();
  sources_ = plan(settings_);
  for (const PlannedSource& source : sources_) {
    names_.push_back(source.name);
    report_.sources.push_back({.name = source.name, .skipped = source.skip});
    ledgers_.emplace_back();
  }
  progress_.add_sources(sources_.size());
  report_.tasks = to_string(settings_.tasks);
  report_.horizontal_fov_deg = settings_.horizontal_fov_deg;
  report_.sequential = settings_.sequential;
  if (Result<void> checked = check_outputs(settings_.outputs, names_); !checked) {
    return failure(Cause::usage, std::move(checked).error());
  }
  if (settings_.trace) {
    Result<std::unique_ptr<Trace>> trace = Trace::create(*settings_.trace);
    if (!trace) return failure(Cause::output, std::move(trace).error());
    trace_ = *std::move(trace);
  }
  stages_ = std::make_unique<StageTable>(trace_.get());
  std::unique_ptr<OutputSet> outputs;
  if (!all_done(sources_)) {
    if (auto prepared = prepare_analysis(); !prepared)
      return tl::unexpected<RunFailure>(std::move(prepared).error());
    Result<OutputSet> opened = OutputSet::create(settings_.outputs, settings_.tasks);
    if (!opened) return failure(Cause::output, std::move(opened).error());
    outputs = std::make_unique<OutputSet>(*std::move(opened));
  }
  tl::expected<void, RunFailure> processed = process(outputs.get());
  report_.interrupted = stop_.stop_requested();
  if (outputs) {
    const bool complete = processed && !report_.interrupted && !report_.any_source_failed();
    Result<void> finished = outputs->finish(complete ? Completion::complete : Completion::partial);
    if (!finished && processed) return failure(Cause::output, std::move(finished).error());
  }
  if (!processed) return tl::unexpected<RunFailure>(std::move(processed).error());
  if (trace_) {
    if (Result<void> traced = trace_->finish(); !traced)
      return failure(Cause::output, std::move(traced).error());
  }
  report_.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::move(report_);
}

tl::expected<void, RunFailure> Run::prepare_analysis() {
  LoadedModels own_models;
  if (lent_models_ == nullptr) {
    Result<LoadedModels> loaded = load_models(settings_, stop_);
    if (!loaded) return failure(Cause::model, std::move(loaded).error());
    own_models = *std::move(loaded);
  }
  const LoadedModels& models = lent_models_ != nullptr ? *lent_models_ : own_models;
  report_.models = models.reports;
  if (const Result<InferenceRuntime> runtime = load_inference_runtime())
    report_.inference_version = runtime->version;
  openface_ = models.openface;
  Result<AnalysisPlan> analysis = create_plan(settings_, models);
  if (!analysis) return failure(Cause::model, std::move(analysis).error());
  plan_ = *std::move(analysis);
  return {};
}

tl::expected<void, RunFailure> Run::process(OutputSet* outputs) {
  const std::size_t lane_count =
      settings_.sequential
          ? 1
          : settings_.lanes.value_or(std::max(1U, std::thread::hardware_concurrency()));
  const PipelineSettings pipeline{.queue = settings_.queue,
                                  .source_by_source = outputs != nullptr && outputs->has_shared(),
                                  .sequential = settings_.sequential,
                                  .frames = &report_.pools.frames};
  report_.lanes = lane_count;
  const CameraSettings camera{
      .horizontal_fov_rad = settings_.horizontal_fov_deg * std::numbers::pi / 180,
      .intrinsics = settings_.intrinsics};

  std::deque<SourceProducer> producers;
  std::vector<PipelineSource> sources;
  std::vector<ConsumedSource> consumed;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const bool live = is_live(sources_[i]);
    const ProducerSettings producer{
        .frames = settings_.frames,
        .decoder = {.threads = settings_.decode_threads,
                    .frames_in_flight = live ? live_frames_in_flight(lane_count) : 0},
        .live = live,
        .stop = stop_,
        .pause = view_ != nullptr && !live ? &view_->pause_gate() : nullptr,
        .stages = stages_.get()};
    const bool follow = settings_.detect_every.value_or(live ? 0 : 1) != 1;
    sources.push_back({.producer = &producers.emplace_back(sources_[i], ledgers_[i], producer),
                       .ledger = &ledgers_[i],
                       .live = live,
                       .follow = follow && plan_.can_follow(),
                       .detect_every = settings_.detect_every});
    consumed.push_back(
        {.name = names_[i], .live = live, .ledger = &ledgers_[i], .report = &report_.sources[i]});
    report_.sources[i].live = live;
  }
  std::vector<std::unique_ptr<Lane>> lanes;
  for (std::size_t i = 0; i < lane_count; ++i) {
    Result<std::unique_ptr<Sampler>> sampler = create_sampler(Device{});
    if (!sampler) return failure(Cause::device, std::move(sampler).error());
    lanes.push_back(std::make_unique<Lane>(LaneSettings{plan_.steps, camera, stages_.get()},
                                           *std::move(sampler)));
  }
  ResultConsumer consumer(std::move(consumed), outputs,
                          {.tasks = settings_.tasks,
                           .smoothing = settings_.smoothing,
                           .anonymize_faces = settings_.anonymize_faces,
                           .openface = openface_,
                           .stages = stages_.get(),
                           .progress = &progress_,
                           .view = view_});
  if (view_ != nullptr && !all_done(sources_)) start_view(pipeline, lane_count);
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_before_s = process_usage().cpu_s;
  Result<void> done = run_pipeline(sources, plan_, lanes, consumer, pipeline);
  Result<void> finished = consumer.finish();
  if (done && !finished) done = std::move(finished);
  report_.processing_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report_.processing_cpu_s = process_usage().cpu_s - cpu_before_s;
  for (const SourceProducer& producer : producers) {
    const PoolStatistics pictures = producer.pictures();
    report_.pools.pictures.created += pictures.created;
    report_.pools.pictures.in_use += pictures.in_use;
    report_.pools.pictures.peak += pictures.peak;
  }
  for (const std::unique_ptr<Lane>& lane : lanes)
    report_.pools.tensors += lane->tensors();
  close_books(consumer.latency());
  if (!done) return failure(Cause::output, std::move(done).error());
  return {};
}

bool Run::is_live(const PlannedSource& source) const {
  switch (settings_.liveness) {
    case Liveness::as_source:
      return source.spec && source.spec->live && !settings_.sequential;
    case Liveness::live:
      // A single picture has no pace.
      return source.spec && source.spec->kind != SourceKind::image;
    case Liveness::lossless:
      return false;
  }
  __builtin_unreachable();
}

void Run::start_view(const PipelineSettings& pipeline, std::size_t lanes) {
  std::vector<ViewedSource> viewed;
  for (const SourceReport& source : report_.sources)
    viewed.push_back({.name = source.name, .live = source.live});
  const bool one_by_one = pipeline.sequential || pipeline.source_by_source;
  view_->start(std::move(viewed), one_by_one ? 1 : lanes);
}

void Run::close_books(const DurationHistogram& latency) {
  for (std::size_t i = 0; i < ledgers_.size(); ++i) {
    const FrameLedger& ledger = ledgers_[i];
    SourceReport& source = report_.sources[i];
    source.captured = ledger.captured();
    source.delivered = ledger.delivered();
    source.undecodable_packets = ledger.undecodable_packets();
    source.in_flight = ledger.in_flight();
    if (source.in_flight != 0)
      log(LogLevel::error, "internal error: " + std::to_string(source.in_flight) + " frames of '" +
                               source.name + "' are neither delivered nor dropped");
    for (const DropReason reason : kDropReasons) {
      if (ledger.dropped(reason) != 0)
        source.dropped.emplace_back(name_of(reason), ledger.dropped(reason));
    }
  }
  const auto describe_stage = [this](const Stage& stage) {
    if (stage.calls() != 0)
      report_.stages.push_back({stage.name(), stage.calls(), stage.ms_per_call()});
  };
  stages_->for_each(describe_stage);
  if (view_ != nullptr) describe_stage(view_->stage());
  report_.latency_p50_ms = latency.quantile_ms(0.50);
  report_.latency_p95_ms = latency.quantile_ms(0.95);
  report_.latency_p99_ms = latency.quantile_ms(0.99);
  const ProcessUsage usage = process_usage();
  report_.cpu_s = usage.cpu_s;
  report_.peak_rss_bytes = usage.peak_rss_bytes;
}

}  // namespace

std::int64_t RunReport::frames() const {
  std::int64_t total = 0;
  for (const SourceReport& source : sources)
    total += source.delivered;
  return total;
}

bool RunReport::any_source_failed() const {
  return std::ranges::any_of(sources,
                             [](const SourceReport& source) { return source.error.has_value(); });
}

tl::expected<RunReport, RunFailure> run_sources(const RunSettings& settings, RunProgress& progress,
                                                std::stop_token stop, const RunLoans& loans) {
  return Run(settings, progress, std::move(stop), loans)();
}

}  // namespace retinue
