/// What a file on this machine holds, found out from its first bytes.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "source/ffmpeg_handles.hpp"

extern "C" {
#include <libavcodec/codec_id.h>
}

namespace retinue {

/// An open media file.
struct MediaFile {
  AvioHandle io;  ///< At its start.
  /// As FFmpeg guesses it from content and name.
  const AVInputFormat* format = nullptr;
  /// Whether the content alone says what it is.
  bool recognised = false;
  /// AV_CODEC_ID_NONE unless the file is one picture.
  AVCodecID picture_codec = AV_CODEC_ID_NONE;
  std::int64_t size_bytes = 0;
};

/// Errors  not_found, invalid_argument (may not be read), unsupported (not a regular file),
///         corrupt_input (empty, or no known format). Messages do not name the file.
Result<MediaFile> open_media_file(const std::string& path, const AVIOInterruptCB& interrupt);

/// The address under which FFmpeg opens the file `path`, whatever characters it has.
std::string file_url(const std::string& path);

}  // namespace retinue
