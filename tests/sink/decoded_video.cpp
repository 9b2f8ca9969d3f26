#include "sink/decoded_video.hpp"

#include <memory>

#include <gtest/gtest.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
}

namespace retinue {
namespace {

struct Free {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

void take_frames(AVCodecContext& decoder, AVRational time_base, DecodedVideo& video) {
  const std::unique_ptr<AVFrame, Free> frame(av_frame_alloc());
  while (avcodec_receive_frame(&decoder, frame.get()) >= 0) {
    video.times_s.push_back(static_cast<double>(frame->best_effort_timestamp) * av_q2d(time_base));
    auto& luma = video.luma.emplace_back();
    for (int y = 0; y < frame->height; ++y) {
      const std::uint8_t* const row =
          frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0];
      luma.insert(luma.end(), row, row + frame->width);
    }
  }
}

}  // namespace

DecodedVideo decode_video(const std::string& path) {
  DecodedVideo video;
  AVFormatContext* opened = nullptr;
  const int status = avformat_open_input(&opened, ("file:" + path).c_str(), nullptr, nullptr);
  const std::unique_ptr<AVFormatContext, Free> input(opened);
  if (status < 0 || avformat_find_stream_info(opened, nullptr) < 0 || opened->nb_streams != 1) {
    ADD_FAILURE() << path << " is not a video with one stream";
    return video;
  }
  const AVStream& stream = *opened->streams[0];
  const AVCodec* const codec = avcodec_find_decoder(stream.codecpar->codec_id);
  const std::unique_ptr<AVCodecContext, Free> decoder(avcodec_alloc_context3(codec));
  avcodec_parameters_to_context(decoder.get(), stream.codecpar);
  EXPECT_EQ(avcodec_open2(decoder.get(), codec, nullptr), 0);

  video.codec = codec->name;
  video.profile = avcodec_profile_name(stream.codecpar->codec_id, stream.codecpar->profile);
  video.pixel_format = av_get_pix_fmt_name(decoder->pix_fmt);
  video.matrix = av_color_space_name(stream.codecpar->color_space);
  video.range = av_color_range_name(stream.codecpar->color_range);
  video.size = {stream.codecpar->width, stream.codecpar->height};
  video.duration_s = static_cast<double>(opened->duration) / AV_TIME_BASE;
  const std::unique_ptr<AVPacket, Free> packet(av_packet_alloc());
  while (av_read_frame(opened, packet.get()) >= 0) {
    EXPECT_EQ(avcodec_send_packet(decoder.get(), packet.get()), 0);
    av_packet_unref(packet.get());
    take_frames(*decoder, stream.time_base, video);
  }
  avcodec_send_packet(decoder.get(), nullptr);
  take_frames(*decoder, stream.time_base, video);
  return video;
}

std::vector<std::string> mp4_boxes(const std::string& content) {
  std::vector<std::string> types;
  std::size_t offset = 0;
  while (offset + 8 <= content.size()) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i)
      size = size << 8U | static_cast<unsigned char>(content[offset + i]);
    types.push_back(content.substr(offset + 4, 4));
    if (size < 8) break;  // 64-bit sizes and open ends: not in these small files.
    offset += size;
  }
  EXPECT_EQ(offset, content.size()) << "the last box is cut short";
  return types;
}

}  // namespace retinue
