#include "worker/benchmark.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "worker/model_loading.hpp"
#include "worker/run.hpp"

namespace retinue {

namespace {

/// One calibration and the run behind it.
struct Round {
  std::vector<CalibratedStage> calibration;
  RunReport run;
  double frames_per_s = 0;
  double bound_frames_per_s = 0;
  double cpu_s_per_frame = 0;

  double ratio() const { return frames_per_s / bound_frames_per_s; }
};

/// Compares the run with its calibration.
void weigh(Round& round, unsigned cores) {
  const auto frames = static_cast<double>(std::max<std::int64_t>(1, round.run.frames()));
  double ms_per_frame = 0;
  for (CalibratedStage& stage : round.calibration) {
    const auto found = std::ranges::find(round.run.stages, stage.name, &StageReport::name);
    if (stage.name != "decode" && found != round.run.stages.end()) {
      stage.calls_per_frame = static_cast<double>(found->calls) / frames;
    }
    ms_per_frame += stage.calls_per_frame * stage.ms_per_call;
  }
  round.frames_per_s = frames / round.run.processing_s;
  round.bound_frames_per_s = cores * 1000.0 / ms_per_frame;
  round.cpu_s_per_frame = round.run.processing_cpu_s / frames;
}

/// Of what `value_of` says of each round.
template <typename ValueOf>
double median_of(const std::vector<Round>& rounds, const ValueOf& value_of) {
  std::vector<double> values;
  for (const Round& round : rounds)
    values.push_back(value_of(round));
  return median(std::move(values));
}

/// Sets each stage's time to the median of its times in the lists that `stages_of` gives.
template <typename Stages, typename StagesOf>
void take_median_times(Stages& stages, const std::vector<Round>& rounds,
                       const StagesOf& stages_of) {
  for (auto& stage : stages) {
    std::vector<double> times_ms;
    for (const Round& round : rounds) {
      const Stages& others = stages_of(round);
      const auto same = std::ranges::find_if(
          others, [&stage](const auto& other) { return other.name == stage.name; });
      if (same != others.end()) times_ms.push_back(same->ms_per_call);
    }
    stage.ms_per_call = median(std::move(times_ms));
  }
}

BenchmarkReport report_on(const std::vector<Round>& rounds, unsigned cores) {
  BenchmarkReport report{.run = rounds.back().run,
                         .calibration = rounds.back().calibration,
                         .cores = cores,
                         .rounds = static_cast<int>(rounds.size())};
  take_median_times(
      report.calibration, rounds,
      [](const Round& round) -> const auto& { return round.calibration; });
  take_median_times(
      report.run.stages, rounds,
      [](const Round& round) -> const auto& { return round.run.stages; });
  report.run.latency_p50_ms =
      median_of(rounds, [](const Round& r) { return r.run.latency_p50_ms; });
  report.run.latency_p95_ms =
      median_of(rounds, [](const Round& r) { return r.run.latency_p95_ms; });
  report.run.latency_p99_ms =
      median_of(rounds, [](const Round& r) { return r.run.latency_p99_ms; });
  report.frames_per_s = median_of(rounds, [](const Round& r) { return r.frames_per_s; });
  report.bound_frames_per_s =
      median_of(rounds, [](const Round& r) { return r.bound_frames_per_s; });
  report.cpu_s_per_frame = median_of(rounds, [](const Round& r) { return r.cpu_s_per_frame; });
  report.ratio = median_of(rounds, [](const Round& r) { return r.ratio(); });
  const auto [least, greatest] = std::ranges::minmax_element(rounds, {}, &Round::ratio);
  report.least_ratio = least->ratio();
  report.greatest_ratio = greatest->ratio();
  return report;
}

}  // namespace

tl::expected<BenchmarkReport, RunFailure> run_benchmark(RunSettings settings,
                                                        const BenchmarkSettings& benchmark,
                                                        RunProgress& progress,
                                                        std::stop_token stop) {
  settings.outputs = {};
  const std::vector<std::string> once = settings.sources;
  for (int i = 1; i < benchmark.repeat; ++i)
    settings.sources.insert(settings.sources.end(), once.begin(), once.end());
  Result<LoadedModels> models = load_models(settings, stop);
  if (!models) {
    return tl::unexpected<RunFailure>(
        RunFailure{RunFailure::Cause::model, std::move(models).error()});
  }
  tl::expected<Calibration, RunFailure> calibration = Calibration::create(settings, *models, stop);
  if (!calibration) return tl::unexpected<RunFailure>(std::move(calibration).error());

  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<Round> rounds;
  // What was measured before a stop is whole; what a stop cuts short is not.
  const auto has_enough = [&] {
    return static_cast<int>(rounds.size()) == benchmark.rounds ||
           (!rounds.empty() && (stop.stop_requested() || rounds.back().run.any_source_failed()));
  };
  while (!has_enough()) {
    tl::expected<std::vector<CalibratedStage>, RunFailure> stages = calibration->measure();
    if (has_enough()) break;
    if (!stages) return tl::unexpected<RunFailure>(std::move(stages).error());
    tl::expected<RunReport, RunFailure> run =
        run_sources(settings, progress, stop, {.models = &*models});
    if (has_enough()) break;
    if (!run) return tl::unexpected<RunFailure>(std::move(run).error());
    weigh(rounds.emplace_back(Round{*std::move(stages), *std::move(run)}), cores);
  }
  return report_on(rounds, cores);
}

}  // namespace retinue
