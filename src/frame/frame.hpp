/// A decoded picture with its times.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "frame/color.hpp"
#include "frame/decode_failure.hpp"
#include "frame/orientation.hpp"
#include "frame/pixel_format.hpp"

namespace retinue {

/// Where bytes live.
enum class MemoryKind : std::uint8_t { host, cuda };

/// First byte of the top row and the distance to the next row. The stride may be negative.
struct Plane {
  const std::byte* data = nullptr;
  std::ptrdiff_t stride_bytes = 0;
};

/// The planes of a picture in host memory. A borrow: valid while the Frame it came from is.
struct HostPicture {
  PixelFormat format = PixelFormat::gray8;
  Size size;  ///< Of the stored picture, in pixels.
  Color color;
  std::array<Plane, 3> planes;
};

/// Which picture of its source this is, and when.
struct FrameTimes {
  std::uint64_t index = 0;  ///< Counts the frames the decoder delivers, from 0.
  MediaTime time;
  ArrivalTime arrival;
  std::optional<CaptureTime> captured_at;
  /// The presentation time does not follow its predecessor's: filters and tracks start anew.
  bool discontinuity = false;
};

/// Memory management: a Frame is a cheap handle on immutable pixels, which `owner` keeps alive (a
/// decoder's buffer reference, on any device). Copying a Frame copies the handle. The pixels never
/// change and are never rotated or converted in memory: `geometry` says how they are to be seen.
///
/// Decoders with a fixed surface pool are told at creation how many Frames may be alive at once.
class Frame {
 public:
  struct Settings {
    PixelFormat format = PixelFormat::gray8;
    Color color;
    PictureGeometry geometry;
    FrameTimes times;
    bool is_still = false;
    MemoryKind memory = MemoryKind::host;
    int device_index = 0;         ///< Meaningless for host memory.
    std::array<Plane, 3> planes;  ///< In the memory of `memory`.
    std::shared_ptr<const void> owner;
    /// Passed when the pixels may be read; empty on the host, a device event elsewhere.
    std::shared_ptr<const void> ready;
  };

  explicit Frame(Settings settings) : settings_(std::move(settings)) {}

  PixelFormat format() const { return settings_.format; }
  const Color& color() const { return settings_.color; }
  const PictureGeometry& geometry() const { return settings_.geometry; }
  const FrameTimes& times() const { return settings_.times; }
  /// For who plays a recording as a camera would: the frame arrives when it is due.
  void set_arrival(ArrivalTime arrival) { settings_.times.arrival = arrival; }
  /// A picture of its own, not a moment of a video.
  bool is_still() const { return settings_.is_still; }
  MemoryKind memory() const { return settings_.memory; }
  int device_index() const { return settings_.device_index; }

  /// The only way to the pixels on the host.
  ///
  /// Errors  unsupported: the pixels are in a device's memory.
  Result<HostPicture> host_picture() const {
    if (settings_.memory != MemoryKind::host) {
      return fail(ErrorCode::unsupported,
                  "reading frame " + std::to_string(settings_.times.index) +
                      " on the host: its pixels are in device memory; download it first");
    }
    return HostPicture{settings_.format, settings_.geometry.stored, settings_.color,
                       settings_.planes};
  }

 private:
  Settings settings_;
};

/// What a stream is made of, in presentation order.
using StreamItem = std::variant<Frame, DecodeFailure>;

}  // namespace retinue
