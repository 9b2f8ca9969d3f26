#include "sink/mp4_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "sink/output_error.hpp"
#include "sink/presentation_times.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

namespace retinue {

namespace {

constexpr AVRational kTimeBase{1, static_cast<int>(PresentationTimes::kTicksPerSecond)};
constexpr int kSmallestHdHeight = 720;

struct Free {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr int even_up(int pixels) {
  return (pixels + 1) & ~1;
}

/// The largest even-edged picture of the shape of `picture` that fits in `frame`.
Size fitted(Size picture, Size frame) {
  const double scale = std::min(static_cast<double>(frame.width) / picture.width,
                                static_cast<double>(frame.height) / picture.height);
  const auto edge = [&](int pixels, int limit) {
    return std::clamp(even_up(static_cast<int>(std::lround(pixels * scale))), 2, limit);
  };
  return {edge(picture.width, frame.width), edge(picture.height, frame.height)};
}

/// A copy with even edges; the last column and row are repeated. libswscale reads pixels in pairs,
/// beyond the end of a row of odd length.
class EvenCopy {
 public:
  Preview of(const Preview& picture) {
    const Size even{even_up(picture.size.width), even_up(picture.size.height)};
    const std::size_t row_bytes = static_cast<std::size_t>(picture.size.width) * 4;
    const std::size_t stride = static_cast<std::size_t>(even.width) * 4;
    pixels_.resize(stride * static_cast<std::size_t>(even.height));
    for (int y = 0; y < even.height; ++y) {
      const int from_y = std::min(y, picture.size.height - 1);
      const std::byte* const from = picture.bgrx + from_y * picture.stride_bytes;
      std::byte* const to = pixels_.data() + static_cast<std::size_t>(y) * stride;
      std::memcpy(to, from, row_bytes);
      if (row_bytes < stride) std::memcpy(to + row_bytes, from + row_bytes - 4, 4);
    }
    return {pixels_.data(), static_cast<std::ptrdiff_t>(stride), even};
  }

 private:
  std::vector<std::byte> pixels_;
};

std::uint8_t* row_of(const AVFrame& frame, int plane, int y) {
  return frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
}

void fill_black(AVFrame& frame) {
  const auto width = static_cast<std::size_t>(frame.width);
  for (int y = 0; y < frame.height; ++y)
    std::memset(row_of(frame, 0, y), 16, width);
  for (int y = 0; y < frame.height / 2; ++y) {
    std::memset(row_of(frame, 1, y), 128, width / 2);
    std::memset(row_of(frame, 2, y), 128, width / 2);
  }
}

void set_colors(AVCodecContext& encoder) {
  const bool hd = encoder.height >= kSmallestHdHeight;
  encoder.color_range = AVCOL_RANGE_MPEG;
  encoder.colorspace = hd ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  encoder.color_primaries = hd ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
  encoder.color_trc = hd ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
}

}  // namespace

struct Mp4File::Handles {
  Owned<AVFormatContext> muxer;
  Owned<AVCodecContext> encoder;
  Owned<AVFrame> frame;
  Owned<AVPacket> packet;
  Owned<SwsContext> scaler;
  Size scaler_input;
  Size scaler_output;
  EvenCopy even_copy;

  Handles() = default;
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  Handles(Handles&&) = delete;
  Handles& operator=(Handles&&) = delete;
  ~Handles() {
    // Still open only when nobody called finish.
    if (muxer != nullptr && muxer->pb != nullptr) avio_closep(&muxer->pb);
  }
};

Mp4File::Mp4File(std::string path, const Mp4Settings& settings, IncompleteMarker marker,
                 std::unique_ptr<Handles> handles)
    : path_(std::move(path)),
      settings_(settings),
      marker_(std::move(marker)),
      handles_(std::move(handles)) {}

Mp4File::~Mp4File() = default;

Error Mp4File::error_of(int averror, SourceLocation where) const {
  if (averror < 0 && AVUNERROR(averror) < 4096) {  // An errno; FFmpeg's own tags are larger.
    return output_error(path_, AVUNERROR(averror), where);
  }
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(averror, text.data(), text.size());
  return {ErrorCode::unsupported, "writing " + quoted_output(path_) + ": " + text.data(), where};
}

Result<std::unique_ptr<Mp4File>> Mp4File::create(const std::string& path,
                                                 const Mp4Settings& settings) {
  IncompleteMarker marker = TRY(IncompleteMarker::place(path));
  auto handles = std::make_unique<Handles>();
  // With its protocol, or a name such as "a:b.mp4" would be taken for an address.
  const std::string url = path == "-" ? "pipe:1" : "file:" + path;
  AVFormatContext* muxer = nullptr;
  int status = avformat_alloc_output_context2(&muxer, nullptr, "mp4", url.c_str());
  handles->muxer.reset(muxer);
  if (status >= 0) status = avio_open(&muxer->pb, url.c_str(), AVIO_FLAG_WRITE);
  if (status < 0) {
    marker.withdraw();
    return tl::unexpected<Error>(output_error(path, AVUNERROR(status)));
  }
  return std::unique_ptr<Mp4File>(
      new Mp4File(path, settings, std::move(marker), std::move(handles)));
}

Result<void> Mp4File::write(const Preview& picture, std::int64_t time_ticks,
                            std::int64_t duration_ticks) {
  duration_ticks_ = duration_ticks;
  Result<void> written;
  if (!header_written_) written = open_encoder(picture.size);
  if (written) written = encode_picture(picture, time_ticks);
  failed_ = !written.has_value();
  return written;
}

Result<void> Mp4File::open_encoder(Size first_picture) {
  const AVCodec* const codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr) {
    return fail(ErrorCode::unsupported, "writing " + quoted_output(path_) +
                                            ": this FFmpeg has no libx264; one that was built "
                                            "with it is needed");
  }
  size_ = {even_up(first_picture.width), even_up(first_picture.height)};
  Handles& h = *handles_;
  h.encoder.reset(avcodec_alloc_context3(codec));
  AVCodecContext& encoder = *h.encoder;
  encoder.width = size_.width;
  encoder.height = size_.height;
  encoder.pix_fmt = AV_PIX_FMT_YUV420P;
  encoder.time_base = kTimeBase;
  // The level is chosen from it: without, x264 believes in 90000 frames a second.
  encoder.framerate = av_d2q(settings_.frames_per_s, 1001 * 1000);
  // Two seconds between key frames: browsers seek to them.
  encoder.gop_size = std::max(1, static_cast<int>(std::lround(2 * settings_.frames_per_s)));
  encoder.thread_count = settings_.threads;
  encoder.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  encoder.log_level_offset = AV_LOG_TRACE;  // x264's statistics are of no use to our users.
  set_colors(encoder);
  av_opt_set(encoder.priv_data, "preset", "veryfast", 0);
  av_opt_set(encoder.priv_data, "profile", "high", 0);
  av_opt_set_int(encoder.priv_data, "crf", settings_.crf, 0);
  if (const int status = avcodec_open2(&encoder, codec, nullptr); status < 0) {
    return fail(ErrorCode::unsupported, "writing " + quoted_output(path_) + ": libx264 refuses " +
                                            std::to_string(size_.width) + "x" +
                                            std::to_string(size_.height) + " pictures");
  }

  AVStream* const stream = avformat_new_stream(h.muxer.get(), nullptr);
  stream->time_base = kTimeBase;
  stream->avg_frame_rate = encoder.framerate;
  avcodec_parameters_from_context(stream->codecpar, &encoder);
  AVDictionary* options = nullptr;
  av_dict_set(&options, "movflags",
              marker_.exists() ? "+faststart" : "+frag_keyframe+empty_moov+default_base_moof", 0);
  const int status = avformat_write_header(h.muxer.get(), &options);
  av_dict_free(&options);
  if (status < 0) return tl::unexpected<Error>(error_of(status));
  header_written_ = true;

  h.packet.reset(av_packet_alloc());
  h.frame.reset(av_frame_alloc());
  h.frame->format = encoder.pix_fmt;
  h.frame->width = encoder.width;
  h.frame->height = encoder.height;
  if (const int allocated = av_frame_get_buffer(h.frame.get(), 0); allocated < 0) {
    return tl::unexpected<Error>(error_of(allocated));
  }
  return {};
}

Result<void> Mp4File::encode_picture(const Preview& picture, std::int64_t time_ticks) {
  Handles& h = *handles_;
  // The encoder may still hold the last picture.
  if (const int status = av_frame_make_writable(h.frame.get()); status < 0) {
    return tl::unexpected<Error>(error_of(status));
  }
  TRY(convert(picture));
  h.frame->pts = time_ticks;
  if (const int status = avcodec_send_frame(h.encoder.get(), h.frame.get()); status < 0) {
    return tl::unexpected<Error>(error_of(status));
  }
  return drain_encoder();
}

Result<void> Mp4File::convert(const Preview& picture) {
  Handles& h = *handles_;
  const bool even = picture.size.width % 2 == 0 && picture.size.height % 2 == 0;
  const Preview input = even ? picture : h.even_copy.of(picture);
  const Size output = input.size == size_ ? size_ : fitted(input.size, size_);
  if (h.scaler == nullptr || input.size != h.scaler_input || output != h.scaler_output) {
    h.scaler.reset(sws_getContext(input.size.width, input.size.height, AV_PIX_FMT_BGR0,
                                  output.width, output.height, AV_PIX_FMT_YUV420P,
                                  output == input.size ? SWS_POINT : SWS_BICUBIC, nullptr, nullptr,
                                  nullptr));
    if (h.scaler == nullptr) return tl::unexpected<Error>(error_of(AVERROR(EINVAL)));
    const int* const matrix = sws_getCoefficients(
        h.encoder->colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_SMPTE170M);
    sws_setColorspaceDetails(h.scaler.get(), matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);
    h.scaler_input = input.size;
    h.scaler_output = output;
  }
  AVFrame& frame = *h.frame;
  if (output != size_) fill_black(frame);
  const int left = (size_.width - output.width) / 4 * 2;  // Even: chroma has half the columns.
  const int top = (size_.height - output.height) / 4 * 2;
  const std::array<const std::uint8_t*, 4> from = {
      reinterpret_cast<const std::uint8_t*>(input.bgrx)};
  const std::array<int, 4> from_stride = {static_cast<int>(input.stride_bytes)};
  const std::array<std::uint8_t*, 4> to = {row_of(frame, 0, top) + left,
                                           row_of(frame, 1, top / 2) + left / 2,
                                           row_of(frame, 2, top / 2) + left / 2};
  sws_scale(h.scaler.get(), from.data(), from_stride.data(), 0, input.size.height, to.data(),
            frame.linesize);
  return {};
}

Result<void> Mp4File::drain_encoder() {
  Handles& h = *handles_;
  while (true) {
    const int received = avcodec_receive_packet(h.encoder.get(), h.packet.get());
    if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return {};
    if (received < 0) return tl::unexpected<Error>(error_of(received));
    const AVStream& stream = *h.muxer->streams[0];
    h.packet->duration = duration_ticks_;
    av_packet_rescale_ts(h.packet.get(), kTimeBase, stream.time_base);
    const int written = av_interleaved_write_frame(h.muxer.get(), h.packet.get());
    if (written < 0) return tl::unexpected<Error>(error_of(written));
    // Buffered errors (a full disk) come to light here, not many frames later.
    if (h.muxer->pb->error < 0) return tl::unexpected<Error>(error_of(h.muxer->pb->error));
  }
}

Result<void> Mp4File::finish(Completion completion) {
  const bool was_failed = failed_;
  Result<void> closed = close_file();
  if (!header_written_ && marker_.exists()) {
    ::unlink(path_.c_str());
    marker_.withdraw();
    return {};
  }
  if (was_failed) return {};
  if (!closed) return closed;
  return marker_.settle(completion);
}

Result<void> Mp4File::close_file() {
  Handles& h = *handles_;
  Result<void> result;
  if (header_written_) {
    avcodec_send_frame(h.encoder.get(), nullptr);
    result = drain_encoder();
    // After an error, too: without its index the file holds nothing that plays.
    const int status = av_write_trailer(h.muxer.get());
    if (result && status < 0) result = tl::unexpected<Error>(error_of(status));
  }
  const int status = avio_closep(&h.muxer->pb);
  if (result && status < 0) result = tl::unexpected<Error>(error_of(status));
  return result;
}

}  // namespace retinue
