#include "decode/video_decoder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "decode/exif_orientation.hpp"
#include "decode/ffmpeg_handles.hpp"
#include "decode/picture_color.hpp"
#include "decode/picture_format.hpp"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/pixdesc.h>
}

namespace retinue {

namespace {

std::string decoder_error_text(int code) {
  if (code == AVERROR(EINVAL)) return "it is damaged, or has more than FFmpeg's 268 megapixels";
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return code == AVERROR_INVALIDDATA ? "the data is damaged" : text.data();
}

std::optional<Orientation> orientation_in_picture(const AVFrame& picture) {
  const AVFrameSideData* data = av_frame_get_side_data(&picture, AV_FRAME_DATA_DISPLAYMATRIX);
  std::array<std::int32_t, 9> matrix{};
  if (data == nullptr || data->size < sizeof(matrix)) return std::nullopt;
  std::memcpy(matrix.data(), data->data, sizeof(matrix));
  return orientation_of_display_matrix(matrix);
}

std::array<Plane, 3> planes_of(const AVFrame& picture, const PixelFormatLayout& layout) {
  std::array<Plane, 3> planes;
  for (std::size_t i = 0; i < layout.plane_count; ++i) {
    planes[i] = {reinterpret_cast<const std::byte*>(picture.data[i]), picture.linesize[i]};
  }
  return planes;
}

const AVCodecParameters& parameters_of(const StreamDescription& stream) {
  return *static_cast<const AVCodecParameters*>(stream.codec_parameters.get());
}

Result<CodecContextHandle> open_codec(const StreamDescription& stream, int threads) {
  const AVCodecParameters& parameters = parameters_of(stream);
  const std::string doing = "opening a decoder for '" + stream.source + "'";
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (codec == nullptr) {
    return fail(ErrorCode::unsupported,
                doing + ": this FFmpeg has none for codec " + stream.codec_name);
  }
  CodecContextHandle context(avcodec_alloc_context3(codec));
  if (!context) return fail(ErrorCode::resource_exhausted, doing + ": out of memory");
  int rc = avcodec_parameters_to_context(context.get(), &parameters);
  if (rc >= 0) {
    context->pkt_timebase = {static_cast<int>(stream.time_base_numerator),
                             static_cast<int>(stream.time_base_denominator)};
    context->thread_count = threads;
    rc = avcodec_open2(context.get(), codec, nullptr);
  }
  if (rc < 0) {
    return fail(ErrorCode::invalid_argument,
                doing + " (" + stream.codec_name + "): " + decoder_error_text(rc));
  }
  return context;
}

/// What FFmpeg's pool of pictures is for: it starts anew with another.
struct PictureSize {
  int width = 0;
  int height = 0;
  int format = AV_PIX_FMT_NONE;

  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

/// Of the pictures that the codec has made its last one from.
PictureSize coded_size(const AVCodecContext& context) {
  return {std::max(context.width, context.coded_width),
          std::max(context.height, context.coded_height), context.pix_fmt};
}

/// Whether pictures come from FFmpeg's pool, and the calling thread may use it.
bool has_picture_pool(const AVCodecContext& context) {
  return (context.codec->capabilities & AV_CODEC_CAP_DR1) != 0 && context.active_thread_type == 0;
}

/// Has the codec's pool make `count` pictures beside those in use, and touches their memory: what
/// was never written takes none.
void fill_picture_pool(AVCodecContext& context, const PictureSize& size, int count) {
  std::vector<FrameHandle> pictures;
  for (int i = 0; i < count; ++i) {
    FrameHandle picture(av_frame_alloc());
    if (!picture) return;
    picture->width = size.width;
    picture->height = size.height;
    picture->format = size.format;
    if (avcodec_default_get_buffer2(&context, picture.get(), 0) < 0) return;
    for (const AVBufferRef* plane : picture->buf) {
      if (plane != nullptr) std::memset(plane->data, 0, plane->size);
    }
    pictures.push_back(std::move(picture));
  }
}

}  // namespace

class VideoDecoder::State {
 public:
  State(std::shared_ptr<const StreamDescription> stream, const DecoderSettings& settings,
        CodecContextHandle context)
      : stream_(std::move(stream)), settings_(settings), context_(std::move(context)) {
    start_ticks_ = stream_->start_ticks;
  }

  void decode(const Packet& packet, std::vector<StreamItem>& items);
  void finish(std::vector<StreamItem>& items);
  std::shared_ptr<const PoolMeter> pictures() const { return pictures_.meter(); }

 private:
  struct PacketTimes {
    ArrivalTime arrival;
    std::optional<CaptureTime> captured_at;
  };

  void prepare_for_load();
  bool change_stream(const Packet& packet, std::vector<StreamItem>& items);
  int receive(std::vector<StreamItem>& items);
  void deliver(std::shared_ptr<FrameHandle> owner, std::vector<StreamItem>& items);
  void append_failure(MediaTime time, const std::string& cause, std::vector<StreamItem>& items);
  MediaTime next_time(const AVFrame& picture);
  std::optional<MediaTime> time_of(std::int64_t ticks);
  MediaTime time_of_packet(const AVPacket& packet);
  MediaTime duration_of(const AVFrame& picture) const;
  PictureGeometry geometry_of(const AVFrame& picture) const;
  Color color_of_picture(const AVFrame& picture, ColorModel model);
  PacketTimes packet_times_of(const AVFrame& picture) const;
  void warn_once(bool& said, const std::string& message);

  std::shared_ptr<const StreamDescription> stream_;
  DecoderSettings settings_;
  CodecContextHandle context_;  // Null if the codec of a later stream could not be opened.
  FrameHandle received_{av_frame_alloc()};
  ObjectPool<PooledPicture> pictures_;
  PictureSize prepared_;  // Size for which FFmpeg's pool has been filled.
  PictureConverter converter_;
  std::optional<Orientation> exif_;  // Of the picture file that is being decoded.

  // Packets by the number that the codec hands from packet to frame. More than any codec reorders.
  std::array<PacketTimes, 64> packets_{};
  std::uint64_t packet_count_ = 0;

  std::uint64_t frame_count_ = 0;
  std::optional<std::int64_t> start_ticks_;
  std::optional<MediaTime> previous_time_;
  MediaTime previous_duration_;

  bool said_discontinuity_ = false;
  bool said_hdr_ = false;
  bool said_matrix_ = false;
  bool said_conversion_ = false;
};

void VideoDecoder::State::warn_once(bool& said, const std::string& message) {
  if (said) return;
  said = true;
  log(LogLevel::warning, "decoding '" + stream_->source + "': " + message);
}

void VideoDecoder::State::append_failure(MediaTime time, const std::string& cause,
                                         std::vector<StreamItem>& items) {
  items.emplace_back(DecodeFailure{time, "decoding '" + stream_->source + "' at " +
                                             std::to_string(time.seconds()) + " s: " + cause});
}

// Returns whether there is a decoder for the packet.
bool VideoDecoder::State::change_stream(const Packet& packet, std::vector<StreamItem>& items) {
  if (packet.stream == stream_) return context_ != nullptr;
  finish(items);
  stream_ = packet.stream;
  start_ticks_ = stream_->start_ticks;
  context_.reset();
  Result<CodecContextHandle> opened = open_codec(*stream_, settings_.threads);
  if (opened) {
    context_ = *std::move(opened);
    return true;
  }
  const auto& payload = *static_cast<const AVPacket*>(packet.payload.get());
  items.emplace_back(DecodeFailure{time_of_packet(payload), opened.error().message()});
  return false;
}

void VideoDecoder::State::decode(const Packet& packet, std::vector<StreamItem>& items) {
  if (!change_stream(packet, items)) return;
  const auto& payload = *static_cast<const AVPacket*>(packet.payload.get());
  if (stream_->still_picture) {
    exif_ = exif_orientation(
        std::as_bytes(std::span(payload.data, static_cast<std::size_t>(payload.size))));
  }
  packets_[packet_count_ % packets_.size()] = {packet.arrival, packet.captured_at};
  context_->reordered_opaque = static_cast<std::int64_t>(packet_count_++);

  int sent = avcodec_send_packet(context_.get(), &payload);
  // The codec holds pictures that an error kept us from taking.
  while (sent == AVERROR(EAGAIN) && receive(items) >= 0) {
    sent = avcodec_send_packet(context_.get(), &payload);
  }
  int received = sent < 0 ? sent : 0;
  while (received >= 0) {
    received = receive(items);
  }
  if (received != AVERROR(EAGAIN) && received != AVERROR_EOF) {
    append_failure(time_of_packet(payload), decoder_error_text(received), items);
  }
  // Nothing else is coming, and the next file starts anew.
  if (stream_->still_picture) finish(items);
}

void VideoDecoder::State::finish(std::vector<StreamItem>& items) {
  if (!context_) return;
  constexpr int kMostErrors = 256;  // A codec with N threads may still hold N damaged packets.
  avcodec_send_packet(context_.get(), nullptr);
  int errors = 0;
  for (int received = 0; received != AVERROR_EOF && errors < kMostErrors;) {
    received = receive(items);
    if (received == AVERROR(EAGAIN)) break;
    if (received < 0 && received != AVERROR_EOF) {
      ++errors;
      append_failure(previous_time_.value_or(MediaTime{}), decoder_error_text(received), items);
    }
  }
  avcodec_flush_buffers(context_.get());
}

int VideoDecoder::State::receive(std::vector<StreamItem>& items) {
  const int rc = avcodec_receive_frame(context_.get(), received_.get());
  if (rc < 0) return rc;
  std::shared_ptr<FrameHandle> picture = pictures_.take();
  if (!*picture) return AVERROR(ENOMEM);
  av_frame_move_ref(picture->get(), received_.get());
  prepare_for_load();
  deliver(std::move(picture), items);
  return rc;
}

void VideoDecoder::State::prepare_for_load() {
  if (settings_.frames_in_flight == 0 || !has_picture_pool(*context_)) return;
  const PictureSize size = coded_size(*context_);
  if (size == prepared_) return;
  prepared_ = size;
  // The codec will keep as many beside them: those that wait to be in order are mostly references.
  const int kept = std::max(context_->refs, context_->has_b_frames);
  fill_picture_pool(*context_, size, settings_.frames_in_flight + kept);
}

void VideoDecoder::State::deliver(std::shared_ptr<FrameHandle> owner,
                                  std::vector<StreamItem>& items) {
  FrameHandle& picture = *owner;
  const std::optional<MediaTime> predecessor = previous_time_;
  const MediaTime time = next_time(*picture);
  const PictureGeometry geometry = geometry_of(*picture);
  const PacketTimes packet = packet_times_of(*picture);

  std::optional<PixelFormat> format = same_layout(static_cast<AVPixelFormat>(picture->format));
  if (!format) {
    const auto original = static_cast<AVPixelFormat>(picture->format);
    format = nearest_layout(original);
    if (!std::exchange(said_conversion_, true) && log_enabled(LogLevel::debug)) {
      log(LogLevel::debug, "decoding '" + stream_->source + "': pictures are converted from " +
                               std::string(av_get_pix_fmt_name(original)) + " to " +
                               std::string(layout_of(*format).name));
    }
    Result<FrameHandle> converted = converter_.convert(*picture);
    if (!converted) return append_failure(time, converted.error().message(), items);
    picture = *std::move(converted);
  }
  const PixelFormatLayout& layout = layout_of(*format);
  const Color color = color_of_picture(*picture, layout.model);
  const bool discontinuity = predecessor && time <= *predecessor;
  if (discontinuity) {
    warn_once(said_discontinuity_, "the time of frame " + std::to_string(frame_count_) +
                                       " does not follow its predecessor's; filters and tracks "
                                       "start anew there");
  }
  const std::array<Plane, 3> planes = planes_of(*picture, layout);
  items.emplace_back(Frame({.format = *format,
                            .color = color,
                            .geometry = geometry,
                            .times = {.index = frame_count_++,
                                      .time = time,
                                      .arrival = packet.arrival,
                                      .captured_at = packet.captured_at,
                                      .discontinuity = discontinuity},
                            .is_still = stream_->still_picture && !stream_->in_sequence,
                            .planes = planes,
                            .owner = std::move(owner)}));
}

std::optional<MediaTime> VideoDecoder::State::time_of(std::int64_t ticks) {
  if (ticks == AV_NOPTS_VALUE) return std::nullopt;
  std::int64_t since_start = 0;
  if (__builtin_sub_overflow(ticks, start_ticks_.value_or(ticks), &since_start)) {
    return std::nullopt;
  }
  return stream_->time_after_start(since_start);
}

MediaTime VideoDecoder::State::time_of_packet(const AVPacket& packet) {
  const std::int64_t ticks = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  const std::optional<MediaTime> time = time_of(ticks);
  return time ? *time : previous_time_.value_or(MediaTime{});
}

MediaTime VideoDecoder::State::next_time(const AVFrame& picture) {
  const std::int64_t ticks = picture.best_effort_timestamp;
  if (!start_ticks_ && ticks != AV_NOPTS_VALUE) start_ticks_ = ticks;
  std::optional<MediaTime> time = time_of(ticks);
  if (!time) {
    time = previous_time_ ? MediaTime{previous_time_->since_start + previous_duration_.since_start}
                          : MediaTime{};
  }
  previous_time_ = time;
  previous_duration_ = duration_of(picture);
  return *time;
}

MediaTime VideoDecoder::State::duration_of(const AVFrame& picture) const {
  constexpr MediaTime kLongest{std::chrono::hours(1)};  // Beyond is damage.
  if (picture.pkt_duration > 0) {
    const std::optional<MediaTime> duration = stream_->time_after_start(picture.pkt_duration);
    if (duration && *duration <= kLongest) return *duration;
  }
  constexpr double kUsualHz = 25;
  const double frames_per_s = stream_->frames_per_s.value_or(kUsualHz);
  return {std::chrono::round<std::chrono::nanoseconds>(
      std::chrono::duration<double>(1 / frames_per_s))};
}

PictureGeometry VideoDecoder::State::geometry_of(const AVFrame& picture) const {
  constexpr double kLargestAspect = 100;  // Beyond is damage, not an anamorphic lens.
  PictureGeometry geometry{.stored = {picture.width, picture.height},
                           .orientation = stream_->orientation};
  if (stream_->still_picture) {
    geometry.orientation = exif_.value_or(stream_->orientation);
    return geometry;
  }
  geometry.orientation = orientation_in_picture(picture).value_or(stream_->orientation);
  const AVRational own = picture.sample_aspect_ratio;
  double aspect = stream_->pixel_aspect.value_or(own.num > 0 && own.den > 0 ? av_q2d(own) : 1);
  if (!(aspect >= 1 / kLargestAspect && aspect <= kLargestAspect)) aspect = 1;
  geometry.pixel_aspect = aspect;
  return geometry;
}

Color VideoDecoder::State::color_of_picture(const AVFrame& picture, ColorModel model) {
  const PictureColor result = color_of(picture, model, context_->codec_id);
  if (result.matrix_replaced) {
    const char* name = av_color_space_name(picture.colorspace);
    warn_once(said_matrix_, "colour matrix " + std::string(name == nullptr ? "unknown" : name) +
                                " is not supported; the usual one for this size is taken");
  }
  if (result.color.transfer != TransferFunction::sdr) {
    warn_once(said_hdr_, "its high dynamic range (" +
                             std::string(av_color_transfer_name(picture.color_trc)) +
                             ") is mapped to the standard range by a fixed curve");
  }
  return result.color;
}

VideoDecoder::State::PacketTimes VideoDecoder::State::packet_times_of(
    const AVFrame& picture) const {
  const auto number = static_cast<std::uint64_t>(picture.reordered_opaque);
  const bool known = number < packet_count_ && packet_count_ - number <= packets_.size();
  return packets_[(known ? number : packet_count_ - 1) % packets_.size()];
}

Result<VideoDecoder> VideoDecoder::create(std::shared_ptr<const StreamDescription> stream,
                                          const DecoderSettings& settings) {
  CodecContextHandle context = TRY(open_codec(*stream, settings.threads));
  return VideoDecoder(std::make_unique<State>(std::move(stream), settings, std::move(context)));
}

VideoDecoder::VideoDecoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
VideoDecoder::VideoDecoder(VideoDecoder&&) noexcept = default;
VideoDecoder& VideoDecoder::operator=(VideoDecoder&&) noexcept = default;
VideoDecoder::~VideoDecoder() = default;

void VideoDecoder::decode(const Packet& packet, std::vector<StreamItem>& items) {
  state_->decode(packet, items);
}

void VideoDecoder::finish(std::vector<StreamItem>& items) {
  state_->finish(items);
}

std::shared_ptr<const PoolMeter> VideoDecoder::pictures() const {
  return state_->pictures();
}

}  // namespace retinue
