/// From FFmpeg's stream to what a decoder has to know of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "frame/packet.hpp"
#include "source/ffmpeg_handles.hpp"

namespace retinue {

/// `source` is the name for people. Copies everything.
Result<std::shared_ptr<const StreamDescription>> describe_stream(AVFormatContext& format,
                                                                 AVStream& stream,
                                                                 std::string source);

/// A time stamp of `stream` as a time; from 0 where the start is unknown.
std::optional<MediaTime> time_of_ticks(const StreamDescription& stream, std::int64_t ticks);

}  // namespace retinue
