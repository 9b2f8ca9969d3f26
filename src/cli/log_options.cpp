#include "cli/log_options.hpp"

#include <CLI/CLI.hpp>

namespace retinue {

void LogOptions::add_to(CLI::App& command) {
  command.add_flag("-v,--verbose", verbosity, "say more; twice: a line per frame");
  command.add_flag("-q,--quiet", quiet, "errors only");
  command.add_option("--log-format", format, "of the lines on stderr")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

LogSettings LogOptions::settings() const {
  LogSettings settings;
  if (verbosity > 0) settings.level = verbosity > 1 ? LogLevel::trace : LogLevel::debug;
  if (quiet) settings.level = LogLevel::error;
  settings.format = format == "json" ? LogFormat::json : LogFormat::text;
  return settings;
}

}  // namespace retinue
