#include "cli/progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>

#include <fmt/format.h>

namespace retinue {

namespace {

using Clock = std::chrono::steady_clock;

std::string live_text_of(const RunProgress::State& state) {
  if (!state.live) return {};
  const auto superseded = static_cast<double>(state.superseded);
  const double all = superseded + static_cast<double>(state.total_frames);
  return fmt::format("  latency {:.0f} ms  {:.1f} % dropped", state.latency_ms,
                     100 * superseded / all);
}

std::string text_of(const RunProgress::State& state, double frames_per_s) {
  if (state.open_sources > 1) {
    return fmt::format("{} of {} sources  {} frames  {:.0f} fps", state.open_sources,
                       state.source_count, state.total_frames, frames_per_s) +
           live_text_of(state);
  }
  std::string text = std::filesystem::path(state.source).filename().string();
  if (state.source_count > 1)
    text = fmt::format("[{}/{}] {}", state.source_number, state.source_count, text);
  if (state.expected_frames) {
    text += fmt::format("  {}/{} frames", state.frames, *state.expected_frames);
  } else {
    text += fmt::format("  {} frames", state.frames);
  }
  text += fmt::format("  {:.0f} fps  {} {}", frames_per_s, state.faces,
                      state.faces == 1 ? "face" : "faces");
  if (state.live) return text + live_text_of(state);
  if (state.expected_frames && *state.expected_frames >= state.frames && frames_per_s > 0) {
    const long left =
        std::lround(static_cast<double>(*state.expected_frames - state.frames) / frames_per_s);
    text += fmt::format("  {}:{:02} left", left / 60, left % 60);
  }
  return text;
}

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

void show_until(const std::stop_token& stop, const RunProgress& progress) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  const Clock::time_point begin = Clock::now();
  while (!never.wait_for(lock, stop, std::chrono::milliseconds(200),
                         [&stop] { return stop.stop_requested(); })) {
    const RunProgress::State state = progress.state();
    if (state.source.empty()) continue;
    const double elapsed_s = std::chrono::duration<double>(Clock::now() - begin).count();
    std::string text = text_of(state, static_cast<double>(state.total_frames) / elapsed_s);
    text.resize(std::min(text.size(), terminal_columns() - 1));
    fmt::print(stderr, "\r\x1b[K{}", text);
    std::fflush(stderr);
  }
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace

ProgressLine::ProgressLine(const RunProgress& progress) {
  if (isatty(STDERR_FILENO) == 0) return;
  thread_ = std::jthread([&progress](const std::stop_token& stop) { show_until(stop, progress); });
}

}  // namespace retinue
