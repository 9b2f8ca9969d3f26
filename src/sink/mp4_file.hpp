/// An H.264 MP4 being written.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "frame/preview.hpp"
#include "sink/completion.hpp"

namespace retinue {

struct Mp4Settings {
  /// x264's constant rate factor: 0 lossless … 51; 20 is hard to tell from the source.
  int crf = 20;
  /// Of the encoder; 0 is one and a half for each core.
  int threads = 0;
  /// Nominal, > 0; the file's own times may be anything.
  double frames_per_s = 30;
};

/// Plays in browsers: yuv420p, High profile, index in front. Below 720 lines the colours are
/// BT.601, else BT.709, limited range, and the file says so.
///
/// All pictures get the size of the first, rounded up to even edges by repeating the last column
/// and row; pictures of another size are scaled to fit, with black beside them. Anything but a
/// regular file (stdout, a pipe) becomes a fragmented MP4, which needs no seeking. Thread-bound.
class Mp4File {
 public:
  /// Creates or replaces `path`; "-" is stdout.
  ///
  /// Errors  as OutputFile::create.
  static Result<std::unique_ptr<Mp4File>> create(const std::string& path,
                                                 const Mp4Settings& settings);

  ~Mp4File();
  Mp4File(const Mp4File&) = delete;
  Mp4File& operator=(const Mp4File&) = delete;
  Mp4File(Mp4File&&) = delete;
  Mp4File& operator=(Mp4File&&) = delete;

  /// Shows `picture` from `time_ticks` (of PresentationTimes) on, for `duration_ticks` if nothing
  /// follows. Times must increase. Borrows the picture for the call.
  ///
  /// Errors  resource_exhausted, unavailable: the file cannot be written.
  ///         unsupported: no H.264 encoder in this FFmpeg, or a size that it refuses.
  ///         After an error, only `finish` may be called.
  Result<void> write(const Preview& picture, std::int64_t time_ticks, std::int64_t duration_ticks);

  /// Writes what the encoder holds and the index. A file without a frame is removed: it could not
  /// be valid. Errors as `write`; an error that `write` gave is not repeated.
  Result<void> finish(Completion completion);

 private:
  struct Handles;

  Mp4File(std::string path, const Mp4Settings& settings, IncompleteMarker marker,
          std::unique_ptr<Handles> handles);

  Result<void> open_encoder(Size first_picture);
  Result<void> encode_picture(const Preview& picture, std::int64_t time_ticks);
  Result<void> convert(const Preview& picture);
  Result<void> drain_encoder();
  Result<void> close_file();
  Error error_of(int averror, SourceLocation where = SourceLocation::current()) const;

  std::string path_;
  Mp4Settings settings_;
  IncompleteMarker marker_;
  std::unique_ptr<Handles> handles_;
  Size size_;  ///< Of the video; even.
  std::int64_t duration_ticks_ = 0;
  bool header_written_ = false;
  bool failed_ = false;
};

}  // namespace retinue
