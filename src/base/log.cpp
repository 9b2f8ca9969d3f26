#include "base/log.hpp"

#include <cstdio>

#include "base/json_text.hpp"
#include "base/mutex.hpp"

namespace retinue {

namespace detail {
std::atomic<LogLevel> log_level = LogLevel::info;
}

namespace {

std::atomic<LogFormat> log_format = LogFormat::text;
Mutex log_mutex;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
    case LogLevel::trace:
      return "trace";
  }
  __builtin_unreachable();
}

}  // namespace

void configure_log(const LogSettings& settings) {
  detail::log_level.store(settings.level, std::memory_order_relaxed);
  log_format.store(settings.format, std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view message) {
  if (!log_enabled(level)) return;
  std::string line;
  if (log_format.load(std::memory_order_relaxed) == LogFormat::json) {
    line = R"({"level":")";
    line.append(level_name(level)).append(R"(","message":)");
    append_json_string(line, mask_passwords(message));
    line += "}\n";
  } else {
    line = "retinue: ";
    // Errors are the sentence itself; the other levels say what they are.
    if (level != LogLevel::error) line.append(level_name(level)).append(": ");
    line.append(mask_passwords(message)) += '\n';
  }
  const MutexLock lock(log_mutex);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string mask_passwords(std::string_view text) {
  std::string masked;
  masked.reserve(text.size());
  std::size_t copied = 0;
  for (std::size_t scheme = text.find("://"); scheme != std::string_view::npos;
       scheme = text.find("://", scheme + 3)) {
    const std::size_t authority = scheme + 3;
    const std::size_t end = text.find_first_of("/?# \t\n'\"", authority);
    const std::string_view host = text.substr(authority, end - authority);
    // The last '@' ends the user info: passwords with an unescaped '@' exist.
    const std::size_t at = host.rfind('@');
    if (at == std::string_view::npos) continue;
    const std::size_t colon = host.substr(0, at).find(':');
    if (colon == std::string_view::npos) continue;
    masked.append(text.substr(copied, authority + colon + 1 - copied)).append("***");
    copied = authority + at;
  }
  return masked.append(text.substr(copied));
}

}  // namespace retinue
