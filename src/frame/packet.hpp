/// A compressed unit from a source, and what a decoder has to know of the stream it belongs to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "frame/decode_failure.hpp"
#include "frame/orientation.hpp"

namespace retinue {

/// One compressed video stream. Immutable, shared by the packets' readers.
struct StreamDescription {
  /// What a user calls the source: the path or URL as given or found, passwords masked.
  std::string source;
  std::string codec_name;
  /// FFmpeg's `AVCodecParameters`, owned. `decode` reads it; no other module looks inside.
  std::shared_ptr<const void> codec_parameters;
  /// Seconds per tick of the packets' time stamps.
  std::int64_t time_base_numerator = 1;
  std::int64_t time_base_denominator = 1;
  /// Time stamp, in ticks, that is MediaTime 0; the first picture's where absent.
  std::optional<std::int64_t> start_ticks;
  /// From the container (display matrix); pictures may carry their own (EXIF), which is applied
  /// instead.
  Orientation orientation = Orientation::upright;
  /// Width over height of a stored pixel as the container says; the codec's own value is used where
  /// absent.
  std::optional<double> pixel_aspect;
  /// Nominal frames per second, when known: for progress and for writing video.
  std::optional<double> frames_per_s;
  /// As far as the container knows.
  std::optional<std::uint64_t> frame_count;
  std::optional<MediaTime> duration;
  /// A single picture, not a video: JPEG's and EXIF's rules apply.
  bool still_picture = false;
  /// Of several still pictures that are one source, and so moments of a video.
  bool in_sequence = false;

  /// `ticks`, counted from the start, as a time. Empty if that is more than 36 years (damaged time
  /// stamps), so that sums and differences of times stay representable.
  std::optional<MediaTime> time_after_start(std::int64_t ticks) const;
};

/// Move-only; owns its bytes.
struct Packet {
  std::shared_ptr<const StreamDescription> stream;
  /// FFmpeg's `AVPacket`, owned. `decode` reads it; no other module looks inside.
  std::shared_ptr<void> payload;
  ArrivalTime arrival;
  std::optional<CaptureTime> captured_at;
};

struct EndOfStream {};

/// What a source gives: a packet, a part that could not be read, or nothing any more.
using SourceItem = std::variant<Packet, DecodeFailure, EndOfStream>;

}  // namespace retinue
