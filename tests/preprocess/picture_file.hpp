/// Still pictures from files, decoded by FFmpeg into frames that keep the file's own pixel format.
#pragma once

#include <optional>
#include <string>

#include "frame/frame.hpp"

namespace retinue {

/// The one picture of a JPEG (4:4:4 or 4:2:0) or PNG (RGB or gray) file; nothing when the file is
/// not such a picture.
std::optional<Frame> read_picture_file(const std::string& path);

}  // namespace retinue
