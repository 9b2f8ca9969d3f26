/// Results drawn onto their pictures, as a video.
#pragma once

#include <memory>
#include <string>

#include "sink/mp4_file.hpp"
#include "sink/overlay.hpp"
#include "sink/presentation_times.hpp"
#include "sink/result_sink.hpp"

namespace retinue {

struct VideoSettings {
  OverlaySettings overlay;
  Mp4Settings file;
};

/// One source becomes one Mp4File: each of its frames is one frame of the video, at the distances
/// that they have in the source; results without a frame are skipped.
class VideoSink final : public ResultSink {
 public:
  /// Errors  as Mp4File::create.
  static Result<std::unique_ptr<VideoSink>> create(const std::string& path,
                                                   const VideoSettings& settings);

  bool wants_preview() const override { return true; }

  /// Draws into `preview`. Errors as Mp4File::write.
  Result<void> write(const FrameResult& result, const Preview* preview) override;
  Result<void> finish(Completion completion) override;

 private:
  VideoSink(const VideoSettings& settings, std::unique_ptr<Mp4File> file)
      : overlay_(settings.overlay), times_(settings.file.frames_per_s), file_(std::move(file)) {}

  OverlaySettings overlay_;
  PresentationTimes times_;
  std::unique_ptr<Mp4File> file_;
};

}  // namespace retinue
