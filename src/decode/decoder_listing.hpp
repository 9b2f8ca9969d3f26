/// Which codecs can be decoded here.
#pragma once

#include <string>
#include <vector>

namespace retinue {

/// Of the codecs that cameras and files commonly have, those that this build of FFmpeg decodes:
/// "h264", "hevc" …
std::vector<std::string> available_decoders();

}  // namespace retinue
