/// The program's log: one line per event on stderr. Only `cli`, `worker` and `supervisor` write
/// errors to it.
#pragma once

#include <atomic>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace retinue {

/// *error* data was lost or the operation failed; *warning* it went on differently than asked;
/// *info* rare, for the operator; *debug* per operation; *trace* per frame.
enum class LogLevel { error, warning, info, debug, trace };
enum class LogFormat { text, json };

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

void configure_log(const LogSettings& settings);

namespace detail {
extern std::atomic<LogLevel> log_level;
}

/// Ask before a message is built on a hot path: a relaxed load, so lines that are off cost nothing.
inline bool log_enabled(LogLevel level) {
  return level <= detail::log_level.load(std::memory_order_relaxed);
}

/// Writes `message` with passwords in URLs masked. Thread-safe; lines are never interleaved.
void log(LogLevel level, std::string_view message);

/// The same with a message that `message()` makes: not called, and nothing built, when the level is
/// off. How lines are written that come once a frame.
template <std::invocable MakeMessage>
void log(LogLevel level, MakeMessage&& message) {
  if (log_enabled(level)) log(level, std::string_view(std::forward<MakeMessage>(message)()));
}

/// `text` with the password of every `scheme://user:password@host` replaced by `***`.
std::string mask_passwords(std::string_view text);

}  // namespace retinue
