/// Owners for FFmpeg's objects, inside this module only.
#pragma once

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavformat/avio.h>
#include <libavutil/error.h>
}

namespace retinue {

struct AvioCloser {
  void operator()(AVIOContext* io) const { avio_closep(&io); }
};
using AvioHandle = std::unique_ptr<AVIOContext, AvioCloser>;

/// Does not close an `AVFormatContext::pb` that the caller put in.
struct FormatCloser {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
};
using FormatHandle = std::unique_ptr<AVFormatContext, FormatCloser>;

struct PacketFreer {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using PacketHandle = std::unique_ptr<AVPacket, PacketFreer>;

/// For an ObjectPool. One that was returned holds no bytes.
struct PooledPacket {
  using Object = PacketHandle;
  static PacketHandle make() { return PacketHandle(av_packet_alloc()); }
  static void clear(PacketHandle& packet) { av_packet_unref(packet.get()); }
};

struct CodecParametersFreer {
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
};
using CodecParametersHandle = std::unique_ptr<AVCodecParameters, CodecParametersFreer>;

/// FFmpeg's words for an error code, lower case.
std::string ffmpeg_error_text(int code);

}  // namespace retinue
