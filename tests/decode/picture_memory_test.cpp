// How much memory decoded pictures take, and when.

#include <malloc.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "decode/video_decoder.hpp"
#include "media/media_test.hpp"
#include "source/packet_source.hpp"
#include "source/source_list.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Of sanitizer/allocator_interface.h, which Debian's GCC comes without.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace retinue {
namespace {

std::size_t allocated_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

class PictureMemory : public MediaTest {
 protected:
  static constexpr int kHeld = 6;
  static constexpr double kPictureBytes = 1280 * 720 * 1.5;

  /// In pictures: what `kHeld` frames that are kept take beside those that the decoder used before.
  static double growth_by_holding_frames(const std::string& video,
                                         const DecoderSettings& settings) {
    const auto source = open_source(expand_source(video).value().front()).value();
    VideoDecoder decoder = VideoDecoder::create(source->stream(), settings).value();
    const auto next_frame = [&source, &decoder] {
      for (std::vector<StreamItem> items; items.empty();) {
        const Result<SourceItem> item = source->read();
        if (!item || !std::holds_alternative<Packet>(*item)) break;
        decoder.decode(std::get<Packet>(*item), items);
        if (!items.empty()) return std::get<Frame>(std::move(items.front()));
      }
      throw std::runtime_error("the video is too short");
    };
    constexpr int kUntilReferencesAreKept = 20;
    for (int i = 0; i < kUntilReferencesAreKept; ++i)
      next_frame();
    const std::size_t before = allocated_bytes();
    std::vector<Frame> held;
    held.reserve(kHeld);
    for (int i = 0; i < kHeld; ++i)
      held.push_back(next_frame());
    return (static_cast<double>(allocated_bytes()) - static_cast<double>(before)) / kPictureBytes;
  }
};

TEST_F(PictureMemory, DoesNotGrowWhenTheAnnouncedFramesAreAllInFlight) {
  const std::string video = make(
      "-f lavfi -i testsrc2=s=1280x720 -frames:v 40 -c:v libx264 -preset veryfast -pix_fmt yuv420p",
      "video.mp4");
  EXPECT_LT(growth_by_holding_frames(video, {.frames_in_flight = kHeld}), 1);
  // What the announcement is for.
  EXPECT_GT(growth_by_holding_frames(video, {}), 2);
}

}  // namespace
}  // namespace retinue
