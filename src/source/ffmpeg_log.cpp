#include "source/ffmpeg_log.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "base/log.hpp"
#include "source/ffmpeg_handles.hpp"

extern "C" {
#include <libavutil/log.h>
}

namespace retinue {

namespace {

thread_local FfmpegComplaint* listener = nullptr;

std::string_view trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \r\n.");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

LogLevel level_of(int ffmpeg_level) {
  return ffmpeg_level <= AV_LOG_WARNING ? LogLevel::debug : LogLevel::trace;
}

// FFmpeg builds some lines in pieces; a piece without an end of line waits for the rest.
[[gnu::format(printf, 3, 0)]] void write_line(void* context, int ffmpeg_level, const char* format,
                                              std::va_list arguments) {
  thread_local std::string line;
  thread_local int print_prefix = 1;
  std::array<char, 1024> piece{};
  av_log_format_line2(context, ffmpeg_level, format, arguments, piece.data(),
                      static_cast<int>(piece.size()), &print_prefix);
  line += piece.data();
  if (!line.ends_with('\n') && line.size() < 4096) return;
  log(level_of(ffmpeg_level), "ffmpeg: " + std::string(trimmed(line)));
  line.clear();
}

[[gnu::format(printf, 3, 0)]] void receive(void* context, int ffmpeg_level, const char* format,
                                           std::va_list arguments) {
  if (ffmpeg_level > AV_LOG_VERBOSE) return;
  if (listener != nullptr && ffmpeg_level <= AV_LOG_ERROR) {
    std::array<char, 512> message{};
    std::va_list copy;
    va_copy(copy, arguments);
    std::vsnprintf(message.data(), message.size(), format, copy);
    va_end(copy);
    listener->hear(message.data());
  }
  if (log_enabled(level_of(ffmpeg_level))) write_line(context, ffmpeg_level, format, arguments);
}

}  // namespace

void route_ffmpeg_log() {
  static std::once_flag routed;
  std::call_once(routed, [] { av_log_set_callback(receive); });
}

FfmpegComplaint::FfmpegComplaint() : outer_(listener) {
  listener = this;
}

FfmpegComplaint::~FfmpegComplaint() {
  listener = outer_;
}

std::string FfmpegComplaint::or_code(int code) const {
  return text_.empty() ? ffmpeg_error_text(code) : text_;
}

void FfmpegComplaint::hear(std::string_view message) {
  if (text_.empty()) text_ = trimmed(message);
}

std::string ffmpeg_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  std::string lower = text.data();
  if (lower.size() > 1 && lower[1] >= 'a' && lower[1] <= 'z' && lower[0] >= 'A' &&
      lower[0] <= 'Z') {
    lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
  }
  return lower;
}

}  // namespace retinue
