/// FFmpeg's messages, in the program's log instead of on stderr.
#pragma once

#include <string>
#include <string_view>

namespace retinue {

/// From now on FFmpeg's errors and warnings are log lines at debug level and the rest at trace
/// level, for all modules of this process. Thread-safe; every call after the first does nothing.
void route_ffmpeg_log();

/// Remembers the first error that FFmpeg logs on this thread during its life: the codes that its
/// functions return say less ("moov atom not found" is only logged). Needs `route_ffmpeg_log`.
/// Thread-bound; the latest one listens.
class FfmpegComplaint {
 public:
  FfmpegComplaint();
  ~FfmpegComplaint();
  FfmpegComplaint(const FfmpegComplaint&) = delete;
  FfmpegComplaint& operator=(const FfmpegComplaint&) = delete;
  FfmpegComplaint(FfmpegComplaint&&) = delete;
  FfmpegComplaint& operator=(FfmpegComplaint&&) = delete;

  /// Empty if there was none.
  const std::string& text() const { return text_; }

  /// What FFmpeg logged or, for want of that, its words for `code`.
  std::string or_code(int code) const;

  /// Called by the log.
  void hear(std::string_view message);

 private:
  std::string text_;
  FfmpegComplaint* outer_;
};

}  // namespace retinue
