/// Reads the packets of one source.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "base/result.hpp"
#include "frame/packet.hpp"
#include "source/source_spec.hpp"

namespace retinue {

struct SourceSettings {
  /// Longest time that one call may wait for bytes. Opening counts as one call.
  std::chrono::milliseconds timeout{10'000};
  /// Once stop is requested, waiting calls return at once.
  std::stop_token stop;
  /// Recordings and test pictures are played as a camera would: no packet before it is due. A
  /// stream from elsewhere that says how long it is counts as a recording.
  bool paced = false;
};

/// Thread-bound. Packets may be used on any thread and outlive the source.
class PacketSource {
 public:
  virtual ~PacketSource() = default;
  PacketSource() = default;
  PacketSource(const PacketSource&) = delete;
  PacketSource& operator=(const PacketSource&) = delete;
  PacketSource(PacketSource&&) = delete;
  PacketSource& operator=(PacketSource&&) = delete;

  /// Of the first packet; never null. Packets carry their own: in an image sequence the codec may
  /// change.
  virtual const std::shared_ptr<const StreamDescription>& stream() const = 0;

  /// Packets come when they are due, not when they could be read.
  virtual bool paced() const { return false; }

  /// The next packet in decoding order. A part that cannot be read is a DecodeFailure; where it
  /// ends the file (as for FFmpeg's own tools), EndOfStream follows. A requested stop is
  /// EndOfStream; so is every call after the end.
  ///
  /// Errors  timed_out: no bytes within the timeout. unavailable: the peer is gone.
  virtual Result<SourceItem> read() = 0;
};

/// Opens `spec` and finds its video stream: the best one if there are several, never cover art.
///
/// The first call sends the messages of FFmpeg, of every module in this process, to the log at
/// debug and trace level.
///
/// Errors  not_found: no such file or address. corrupt_input: empty, or not a video or picture that
///         FFmpeg can read. unsupported: no video stream, no decoder for it, not a regular file.
///         invalid_argument: may not be read. timed_out: not open within the timeout.
///         unavailable: the peer refused, or stop was requested.
Result<std::unique_ptr<PacketSource>> open_source(const SourceSpec& spec,
                                                  const SourceSettings& settings = {});

}  // namespace retinue
