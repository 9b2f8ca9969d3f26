#include "preprocess/picture_file.hpp"

#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace retinue {

namespace {

struct CloseInput {
  void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
};
struct FreeDecoder {
  void operator()(AVCodecContext* decoder) const { avcodec_free_context(&decoder); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};

std::shared_ptr<AVFrame> decode_first_frame(const std::string& path) {
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, path.c_str(), nullptr, nullptr) < 0) return nullptr;
  const std::unique_ptr<AVFormatContext, CloseInput> input(opened);
  if (avformat_find_stream_info(input.get(), nullptr) < 0) return nullptr;
  const AVCodecParameters* parameters = input->streams[0]->codecpar;
  const std::unique_ptr<AVCodecContext, FreeDecoder> decoder(
      avcodec_alloc_context3(avcodec_find_decoder(parameters->codec_id)));
  avcodec_parameters_to_context(decoder.get(), parameters);
  if (avcodec_open2(decoder.get(), nullptr, nullptr) < 0) return nullptr;
  const std::unique_ptr<AVPacket, FreePacket> packet(av_packet_alloc());
  std::shared_ptr<AVFrame> frame(av_frame_alloc(), FreeFrame());
  if (av_read_frame(input.get(), packet.get()) < 0) return nullptr;
  avcodec_send_packet(decoder.get(), packet.get());
  avcodec_send_packet(decoder.get(), nullptr);
  return avcodec_receive_frame(decoder.get(), frame.get()) < 0 ? nullptr : frame;
}

std::optional<PixelFormat> format_of(const AVFrame& frame) {
  switch (static_cast<int>(frame.format)) {
    case AV_PIX_FMT_YUVJ420P:
      return PixelFormat::yuv420p;
    case AV_PIX_FMT_YUVJ444P:
      return PixelFormat::yuv444p;
    case AV_PIX_FMT_RGB24:
      return PixelFormat::rgb24;
    case AV_PIX_FMT_GRAY8:
      return PixelFormat::gray8;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Frame> read_picture_file(const std::string& path) {
  const std::shared_ptr<AVFrame> decoded = decode_first_frame(path);
  if (decoded == nullptr) return std::nullopt;
  const std::optional<PixelFormat> format = format_of(*decoded);
  if (!format) return std::nullopt;
  Frame::Settings settings{.format = *format,
                           .color = {.matrix = ColorMatrix::bt601,
                                     .range = ColorRange::full,
                                     .chroma = ChromaLocation::center}};
  settings.geometry.stored = {decoded->width, decoded->height};
  for (std::size_t plane = 0; plane < settings.planes.size(); ++plane) {
    settings.planes.at(plane) = {reinterpret_cast<const std::byte*>(decoded->data[plane]),
                                 decoded->linesize[plane]};
  }
  settings.owner = decoded;
  return Frame(settings);
}

}  // namespace retinue
