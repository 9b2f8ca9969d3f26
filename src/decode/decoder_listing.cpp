#include "decode/decoder_listing.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace retinue {

std::vector<std::string> available_decoders() {
  std::vector<std::string> names;
  for (const char* name : {"h264", "hevc", "av1", "vp8", "vp9", "mpeg2video", "mpeg4", "mjpeg",
                           "prores", "ffv1", "theora", "gif", "png", "webp", "tiff", "bmp"}) {
    const AVCodecDescriptor* descriptor = avcodec_descriptor_get_by_name(name);
    if (descriptor != nullptr && avcodec_find_decoder(descriptor->id) != nullptr)
      names.emplace_back(name);
  }
  return names;
}

}  // namespace retinue
