#include <algorithm>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "cli/command.hpp"
#include "cli/progress_line.hpp"
#include "cli/run_failure.hpp"
#include "cli/run_options.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "worker/benchmark.hpp"

namespace retinue {

namespace {

struct BenchOptions {
  RunOptions run;
  BenchmarkSettings benchmark{.repeat = 3};
  bool json = false;
};

std::string as_json(const BenchmarkReport& report) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::object();
  for (const StageReport& stage : report.run.stages) {
    stages[stage.name] = {{"calls", stage.calls}, {"ms_per_call", stage.ms_per_call}};
  }
  nlohmann::ordered_json calibration = nlohmann::ordered_json::object();
  for (const CalibratedStage& stage : report.calibration) {
    calibration[stage.name] = {{"ms_per_call", stage.ms_per_call},
                               {"calls_per_frame", stage.calls_per_frame}};
  }
  const nlohmann::ordered_json json{{"retinue", kVersion},
                                    {"onnxruntime", report.run.inference_version},
                                    {"tasks", report.run.tasks},
                                    {"cores", report.cores},
                                    {"lanes", report.run.lanes},
                                    {"rounds", report.rounds},
                                    {"frames", report.run.frames()},
                                    {"frames_per_s", report.frames_per_s},
                                    {"bound_frames_per_s", report.bound_frames_per_s},
                                    {"ratio", report.ratio},
                                    {"ratio_range", {report.least_ratio, report.greatest_ratio}},
                                    {"cpu_s_per_frame", report.cpu_s_per_frame},
                                    {"peak_rss_bytes", report.run.peak_rss_bytes},
                                    {"latency_ms",
                                     {{"p50", report.run.latency_p50_ms},
                                      {"p95", report.run.latency_p95_ms},
                                      {"p99", report.run.latency_p99_ms}}},
                                    {"calibration", calibration},
                                    {"stages", stages}};
  return json.dump(2) + "\n";
}

void print_text(const BenchmarkReport& report) {
  double bound_ms = 0;
  fmt::print("alone, one copy a core    ms/call  calls/frame  ms/frame\n");
  for (const CalibratedStage& stage : report.calibration) {
    const double ms = stage.ms_per_call * stage.calls_per_frame;
    bound_ms += ms;
    fmt::print("  {:<22} {:>8.3f}  {:>11.2f}  {:>8.3f}\n", stage.name, stage.ms_per_call,
               stage.calls_per_frame, ms);
  }
  const double spent_ms = report.cores * 1000 / report.frames_per_s;
  fmt::print("  {:<22} {:>8}  {:>11}  {:>8.3f}\n", "everything else", "", "", spent_ms - bound_ms);
  const auto frames = static_cast<double>(std::max<std::int64_t>(1, report.run.frames()));
  fmt::print("in the run\n");
  for (const StageReport& stage : report.run.stages) {
    const double calls = static_cast<double>(stage.calls) / frames;
    fmt::print("  {:<22} {:>8.3f}  {:>11.2f}  {:>8.3f}\n", stage.name, stage.ms_per_call, calls,
               stage.ms_per_call * calls);
  }
  fmt::print("frames {}, {:.1f} fps on {} cores with {} lanes; bound {:.1f} fps; ratio {:.3f}\n",
             report.run.frames(), report.frames_per_s, report.cores, report.run.lanes,
             report.bound_frames_per_s, report.ratio);
  if (report.rounds > 1) {
    fmt::print("medians over {} rounds; ratio from {:.3f} to {:.3f}\n", report.rounds,
               report.least_ratio, report.greatest_ratio);
  }
  fmt::print(
      "{:.2f} CPU ms a frame; latency p50 {:.1f} p95 {:.1f} p99 {:.1f} ms; peak memory {} MB\n",
      report.cpu_s_per_frame * 1000, report.run.latency_p50_ms, report.run.latency_p95_ms,
      report.run.latency_p99_ms, report.run.peak_rss_bytes / 1'000'000);
}

ExitCode bench(BenchOptions options) {
  configure_log(options.run.log.settings());
  if (options.run.sources.empty()) {
    // Without end, so cut; it shows no faces: detection is what is measured.
    options.run.sources = {"test:1280x720@30"};
    if (!options.run.frames) options.run.frames = ":300";
  }
  const Result<RunSettings> settings = run_settings(options.run);
  if (!settings) {
    log(LogLevel::error, settings.error().message());
    return ExitCode::wrong_usage;
  }
  const StopOnSignal stop;
  RunProgress progress;
  std::optional<ProgressLine> line(progress);
  const tl::expected<BenchmarkReport, RunFailure> report =
      run_benchmark(*settings, options.benchmark, progress, stop.token());
  line.reset();
  if (!report) return say(report.error());
  if (options.json) {
    fmt::print("{}", as_json(*report));
  } else {
    print_text(*report);
  }
  return report->run.any_source_failed() ? ExitCode::source_failed : ExitCode::done;
}

}  // namespace

void add_bench_command(CLI::App& program, CommandAction& action) {
  CLI::App* command = program.add_subcommand(
      "bench",
      "Throughput, latency, the bound that the models' own times set, and the ratio to it");
  const auto options = std::make_shared<BenchOptions>();
  add_analysis_options(*command, options->run);
  command->get_option("SOURCE")->required(false);
  command->add_option("--repeat", options->benchmark.repeat, "run the sources this many times")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command
      ->add_option("--rounds", options->benchmark.rounds,
                   "calibrate and run in turn this many times; figures are medians over the\n"
                   "rounds: for machines that others use, too")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "as one JSON object");
  options->run.log.add_to(*command);
  command->callback([&action, options] { action = [options] { return bench(*options); }; });
}

}  // namespace retinue
