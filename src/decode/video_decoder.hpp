/// Packets to frames.
#pragma once

#include <memory>
#include <vector>

#include "base/object_pool.hpp"
#include "base/result.hpp"
#include "frame/frame.hpp"
#include "frame/packet.hpp"

namespace retinue {

struct DecoderSettings {
  /// Threads inside the decoder; 0 is one per core. More than one delays frames and may change what
  /// damaged pictures look like.
  int threads = 1;
  /// How many Frames may be alive at once. Decoders on a device size their surface pool by it. On
  /// the host it is no limit: memory for as many is touched when the first picture comes, so that
  /// it does not grow later, in the first moment of load in which they are all needed. 0 leaves
  /// that to chance.
  int frames_in_flight = 0;
};

/// Decodes one source. Frames keep the planes as the codec made them; only layouts without a
/// PixelFormat are converted, to the nearest one.
///
/// Frames   as many as FFmpeg delivers, damaged ones included; each has its own geometry and
///          colour, so a size or format that changes in mid-stream needs nothing special.
/// Colour   as tagged. Untagged: BT.709 from height 720 up, else BT.601; limited range; chroma
///          left. JPEG, also in videos: BT.601, full range, chroma centred. Untagged gray is full
///          range, as for FFmpeg. FCC is taken as BT.601, SMPTE 240M as BT.709; other matrices
///          (YCgCo, ICtCp …) as untagged, with one warning.
/// Shape    EXIF of a still picture, or the orientation that a video carries in its pictures,
///          replaces the container's orientation. Still pictures have square pixels: viewers ignore
///          their density too.
/// Times    from the stream's start; a picture without a time follows its predecessor by that
///          one's duration.
///
/// Thread-bound; the Frames may be used anywhere and outlive the decoder.
class VideoDecoder {
 public:
  /// Errors  unsupported: no decoder for the codec. invalid_argument: its parameters are refused.
  static Result<VideoDecoder> create(std::shared_ptr<const StreamDescription> stream,
                                     const DecoderSettings& settings = {});

  VideoDecoder(VideoDecoder&&) noexcept;
  VideoDecoder& operator=(VideoDecoder&&) noexcept;
  VideoDecoder(const VideoDecoder&) = delete;
  VideoDecoder& operator=(const VideoDecoder&) = delete;
  ~VideoDecoder();

  /// Appends to `items` what `packet` completes: often one frame, none while the codec reorders, a
  /// DecodeFailure if the packet cannot be decoded. A packet of another stream than its predecessor
  /// finishes that one first; frames count on.
  void decode(const Packet& packet, std::vector<StreamItem>& items);

  /// Appends the frames that the codec still holds. The decoder may then start over with a packet
  /// that needs no predecessor.
  void finish(std::vector<StreamItem>& items);

  /// FFmpeg's frames behind the Frames. Their pixels come from FFmpeg's own pool.
  std::shared_ptr<const PoolMeter> pictures() const;

 private:
  class State;
  explicit VideoDecoder(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace retinue
