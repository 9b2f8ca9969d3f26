/// What a source is, before it is opened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace retinue {

enum class SourceKind : std::uint8_t {
  video,           ///< A file with pictures and times; animated GIFs and PNGs are videos.
  image,           ///< A file with one picture.
  image_sequence,  ///< Several picture files that are one source.
  test,            ///< Made by the program: `test:WIDTHxHEIGHT@FPS`.
  stream,          ///< A URL.
};

struct SourceSpec {
  /// As given by the user or found in a folder. May hold a password: mask it before it is shown.
  std::string name;
  SourceKind kind = SourceKind::video;
  /// Of an image sequence, in their order; empty otherwise.
  std::vector<std::string> files;
  /// Delivers at its own pace: the newest frame wins unless the user asks otherwise.
  bool live = false;
};

}  // namespace retinue
