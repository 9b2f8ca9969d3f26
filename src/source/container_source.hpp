/// Video files and URLs, through FFmpeg's demuxers.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/object_pool.hpp"
#include "source/ffmpeg_handles.hpp"
#include "source/ffmpeg_interrupt.hpp"
#include "source/packet_source.hpp"

namespace retinue {

/// Gives the packets of one video stream; the container's other streams are thrown away unread
/// where the format allows it.
class ContainerSource final : public PacketSource {
 public:
  static Result<std::unique_ptr<PacketSource>> open(const SourceSpec& spec,
                                                    const SourceSettings& settings);

  const std::shared_ptr<const StreamDescription>& stream() const override { return stream_; }
  Result<SourceItem> read() override;

 private:
  ContainerSource(std::string name, const SourceSettings& settings)
      : name_(std::move(name)), interrupt_(settings) {}

  Result<void> open_file();
  Result<void> open_url();
  Result<void> find_video_stream();
  Result<SourceItem> end_of_reading(int code, const std::string& complaint);
  tl::unexpected<Error> fail_interrupted(std::string_view doing) const;

  std::string name_;
  ObjectPool<PooledPacket> packets_;
  FfmpegInterrupt interrupt_;
  AvioHandle io_;  // Outlives `format_`, which reads from it.
  FormatHandle format_;
  AVStream* video_ = nullptr;  // Belongs to `format_`.
  std::shared_ptr<const StreamDescription> stream_;
  MediaTime last_time_;
  bool ended_ = false;
};

}  // namespace retinue
