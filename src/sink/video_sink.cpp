#include "sink/video_sink.hpp"

namespace retinue {

Result<std::unique_ptr<VideoSink>> VideoSink::create(const std::string& path,
                                                     const VideoSettings& settings) {
  auto file = TRY(Mp4File::create(path, settings.file));
  return std::unique_ptr<VideoSink>(new VideoSink(settings, std::move(file)));
}

Result<void> VideoSink::write(const FrameResult& result, const Preview* preview) {
  if (!result.frame || preview == nullptr) return {};
  draw_overlay(result, *preview, overlay_);
  const std::int64_t time_ticks = times_.next(result.time);
  return file_->write(*preview, time_ticks, times_.step());
}

Result<void> VideoSink::finish(Completion completion) {
  return file_->finish(completion);
}

}  // namespace retinue
