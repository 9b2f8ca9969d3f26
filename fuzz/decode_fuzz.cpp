// Any bytes at all are read as a media file. FFmpeg itself is not instrumented; the fuzzer sees
// what we make of what it gives: EXIF, descriptions, formats, times, planes.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/unique_fd.hpp"
#include "decode/exif_orientation.hpp"
#include "decode/video_decoder.hpp"
#include "source/packet_source.hpp"
#include "source/source_list.hpp"

namespace {

constexpr std::size_t kMostItems = 24;  // Enough for a codec's delay; more only costs time.

// Reads the corners of the picture: planes that are too small are a sanitizer's finding.
unsigned touch(const retinue::Frame& frame) {
  const retinue::HostPicture picture = *frame.host_picture();
  const retinue::PixelFormatLayout& layout = retinue::layout_of(picture.format);
  unsigned sum = 0;
  for (std::size_t i = 0; i < layout.component_count(); ++i) {
    const retinue::Component& component = layout.components[i];
    const retinue::Plane& plane = picture.planes[component.plane];
    const int width = retinue::subsampled(picture.size.width, component.log2_x);
    const int height = retinue::subsampled(picture.size.height, component.log2_y);
    for (const int y : {0, height - 1}) {
      const std::byte* row = plane.data + y * plane.stride_bytes + component.offset_bytes;
      sum += std::to_integer<unsigned>(row[0]);
      sum += std::to_integer<unsigned>(row[(width - 1) * component.step_bytes]);
    }
  }
  return sum;
}

void decode(const std::string& path) {
  const auto specs = retinue::expand_source(path);
  if (!specs) std::abort();  // The file is there.
  const auto source = retinue::open_source(specs->front());
  if (!source) return;
  auto decoder = retinue::VideoDecoder::create((*source)->stream());
  if (!decoder) return;
  std::vector<retinue::StreamItem> items;
  for (std::size_t packets = 0; packets < kMostItems; ++packets) {
    const auto item = (*source)->read();
    if (!item || std::holds_alternative<retinue::EndOfStream>(*item)) break;
    if (const auto* packet = std::get_if<retinue::Packet>(&*item)) decoder->decode(*packet, items);
  }
  decoder->finish(items);
  unsigned sum = 0;
  for (const retinue::StreamItem& item : items) {
    if (const auto* frame = std::get_if<retinue::Frame>(&item)) sum += touch(*frame);
  }
  if (sum == ~0U) std::abort();  // Keeps the reads.
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)retinue::exif_orientation(std::as_bytes(std::span(data, size)));
  const retinue::UniqueFd file(::memfd_create("fuzz", MFD_CLOEXEC));
  if (::write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  decode("/proc/self/fd/" + std::to_string(file.get()));
  return 0;
}
