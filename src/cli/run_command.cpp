#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/log.hpp"
#include "base/result.hpp"
#include "cli/command.hpp"
#include "cli/log_options.hpp"
#include "cli/progress_line.hpp"
#include "cli/run_failure.hpp"
#include "cli/run_options.hpp"
#include "cli/run_statistics.hpp"
#include "cli/signals.hpp"
#include "worker/run.hpp"
#include "worker/windowed_run.hpp"

namespace retinue {

namespace {

Result<void> write_file(const std::string& path, const std::string& text) {
  const auto failed = [&path](const char* doing) {
    return fail(ErrorCode::unavailable,
                fmt::format("{} '{}': {}", doing, path, std::generic_category().message(errno)));
  };
  if (path == "-") {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
        std::fflush(stdout) != 0) {
      return failed("writing statistics to");
    }
    return {};
  }
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return failed("opening");
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  // Closing writes what is buffered: a full disk may show here first.
  if (std::fclose(file) != 0 || !written) return failed("writing statistics to");
  return {};
}

ExitCode finish(const RunReport& report, const RunOptions& options, int signal) {
  for (const SourceReport& source : report.sources) {
    if (source.error) log(LogLevel::error, *source.error);
  }
  if (options.statistics_file) {
    if (Result<void> written = write_file(*options.statistics_file, statistics_json(report));
        !written) {
      log(LogLevel::error, written.error().message());
      return ExitCode::output_failed;
    }
  }
  if (log_enabled(LogLevel::info))
    fmt::print(stderr, "{}", mask_passwords(statistics_text(report)));
  if (signal != 0) return signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
  // Whoever closed the window before the end has stopped the run as Ctrl-C would.
  if (report.interrupted) return ExitCode::interrupted;
  return report.any_source_failed() ? ExitCode::source_failed : ExitCode::done;
}

ExitCode run(const RunOptions& options) {
  configure_log(options.log.settings());
  Result<RunSettings> settings = run_settings(options);
  if (!settings) {
    log(LogLevel::error, settings.error().message());
    return ExitCode::wrong_usage;
  }
  const StopOnSignal stop;
  RunProgress progress;
  tl::expected<RunReport, RunFailure> report;
  {
    std::optional<ProgressLine> line;
    if (log_enabled(LogLevel::info)) line.emplace(progress);
    report = options.view ? run_sources_in_window(*settings, progress, stop.token())
                          : run_sources(*settings, progress, stop.token());
  }
  if (!report) return say(report.error());
  return finish(*report, options, stop.signal());
}

}  // namespace

void add_run_command(CLI::App& program, CommandAction& action) {
  CLI::App* command = program.add_subcommand(
      "run", "Analyse sources until they end; results to files, a window, stdout");
  const auto options = std::make_shared<RunOptions>();
  add_analysis_options(*command, *options);
  add_output_options(*command, *options);
  options->log.add_to(*command);
  command->footer(
      "Exit status: 0 all done, 1 a source failed, 2 wrong usage, 3 a model is missing or "
      "invalid,\n"
      "4 device not available, 5 an output could not be written or no window opened,\n"
      "130 SIGINT or the window was closed before the end, 143 SIGTERM.");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace retinue
