/// A moving test picture made by the program, without end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/object_pool.hpp"
#include "geometry/box.hpp"
#include "source/ffmpeg_handles.hpp"
#include "source/packet_source.hpp"

namespace retinue {

/// What `test:WIDTHxHEIGHT@FPS` asks for.
struct TestPictureSpec {
  Size size;
  std::int64_t millihertz = 0;  ///< Pictures in 1000 seconds.
};

bool names_test_picture(std::string_view name);

/// Errors  invalid_argument: not of that form, or out of range.
Result<TestPictureSpec> parse_test_picture(const std::string& name);

/// Slanted bars that wander, a square on a circular way and a counter of 16 black and white cells
/// along the bottom (frame number, most significant bit first). As fast as it is read; time stamps
/// say when.
class TestPictureSource final : public PacketSource {
 public:
  static Result<std::unique_ptr<PacketSource>> open(const SourceSpec& spec,
                                                    const SourceSettings& settings);

  const std::shared_ptr<const StreamDescription>& stream() const override { return stream_; }
  Result<SourceItem> read() override;

 private:
  TestPictureSource(const TestPictureSpec& picture, std::shared_ptr<const StreamDescription> stream,
                    std::stop_token stop)
      : picture_(picture), stream_(std::move(stream)), stop_(std::move(stop)) {}

  TestPictureSpec picture_;
  std::shared_ptr<const StreamDescription> stream_;
  std::stop_token stop_;
  std::int64_t next_ = 0;
  ObjectPool<PooledPacket> packets_;
};

}  // namespace retinue
