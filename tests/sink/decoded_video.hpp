/// Reads a video back, with FFmpeg, to see what was written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "geometry/box.hpp"

namespace retinue {

struct DecodedVideo {
  std::string codec;
  std::string profile;
  std::string pixel_format;
  std::string matrix;
  std::string range;
  Size size;
  double duration_s = 0;
  std::vector<double> times_s;
  /// Luma of each frame, rows without padding.
  std::vector<std::vector<std::uint8_t>> luma;

  int luma_at(std::size_t frame, int x, int y) const {
    const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(y) * size.width + x;
    return luma.at(frame).at(static_cast<std::size_t>(place));
  }
};

/// All of `path`. Fails the test and returns what it has when the file is not valid.
DecodedVideo decode_video(const std::string& path);

/// Types of the top-level boxes of an MP4, in file order: "ftyp", "moov", "mdat" …
std::vector<std::string> mp4_boxes(const std::string& content);

}  // namespace retinue
