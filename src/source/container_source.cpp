#include "source/container_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <span>
#include <string_view>
#include <thread>

#include "base/log.hpp"
#include "source/ffmpeg_log.hpp"
#include "source/host_lookup.hpp"
#include "source/media_file.hpp"
#include "source/stream_description.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/dict.h>
}

namespace retinue {

namespace {

/// Options for one call of FFmpeg.
class Options {
 public:
  Options() = default;
  ~Options() { av_dict_free(&dictionary_); }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  Options(Options&&) = delete;
  Options& operator=(Options&&) = delete;

  void set(const char* key, const std::string& value) {
    av_dict_set(&dictionary_, key, value.c_str(), 0);
  }
  AVDictionary** get() { return &dictionary_; }

 private:
  AVDictionary* dictionary_ = nullptr;
};

ErrorCode error_code_of(int ffmpeg_code) {
  switch (ffmpeg_code) {
    case AVERROR_HTTP_NOT_FOUND:
    case AVERROR(ENOENT):
      return ErrorCode::not_found;
    case AVERROR_HTTP_BAD_REQUEST:
    case AVERROR_HTTP_UNAUTHORIZED:
    case AVERROR_HTTP_FORBIDDEN:
    case AVERROR(EACCES):
    case AVERROR(EPERM):
      return ErrorCode::invalid_argument;
    case AVERROR(ETIMEDOUT):
      return ErrorCode::timed_out;
    case AVERROR_INVALIDDATA:
    case AVERROR_EOF:
      return ErrorCode::corrupt_input;
    case AVERROR_PROTOCOL_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
      return ErrorCode::unsupported;
    case AVERROR(ENOMEM):
      return ErrorCode::resource_exhausted;
    default:
      return ErrorCode::unavailable;
  }
}

bool is_cover_art(const AVStream& stream) {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

// FFmpeg turns text into pictures of a terminal, which nobody means by "analyse this".
bool draws_text(AVCodecID codec) {
  return codec == AV_CODEC_ID_ANSI || codec == AV_CODEC_ID_BINTEXT || codec == AV_CODEC_ID_XBIN ||
         codec == AV_CODEC_ID_IDF;
}

std::string kinds_of(std::span<AVStream* const> streams) {
  struct Kind {
    AVMediaType type;
    std::string_view name;
  };
  constexpr auto kKinds = std::to_array<Kind>({{AVMEDIA_TYPE_AUDIO, "audio"},
                                               {AVMEDIA_TYPE_SUBTITLE, "subtitles"},
                                               {AVMEDIA_TYPE_DATA, "data"},
                                               {AVMEDIA_TYPE_VIDEO, "cover art"}});
  std::string text;
  for (const Kind& kind : kKinds) {
    const bool present = std::ranges::any_of(
        streams, [&](const AVStream* s) { return s->codecpar->codec_type == kind.type; });
    if (present) text.append(text.empty() ? "it has " : ", ").append(kind.name);
  }
  return text.empty() ? "it has no streams at all" : text;
}

/// Index of the best video stream, cover art left out; FFmpeg's code if there is none.
int best_video(AVFormatContext& format) {
  const int best = av_find_best_stream(&format, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (best < 0) return best;
  const std::span<AVStream* const> streams(format.streams, format.nb_streams);
  if (!is_cover_art(*streams[static_cast<std::size_t>(best)])) return best;
  const auto found = std::ranges::find_if(streams, [](const AVStream* stream) {
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_cover_art(*stream);
  });
  return found == streams.end() ? AVERROR_STREAM_NOT_FOUND : (*found)->index;
}

}  // namespace

Result<std::unique_ptr<PacketSource>> ContainerSource::open(const SourceSpec& spec,
                                                            const SourceSettings& settings) {
  route_ffmpeg_log();
  std::unique_ptr<ContainerSource> source(new ContainerSource(spec.name, settings));
  const auto open_and_find = [&]() -> Result<void> {
    TRY(spec.kind == SourceKind::stream ? source->open_url() : source->open_file());
    return source->find_video_stream();
  };
  if (Result<void> opened = open_and_find(); !opened) {
    return tl::unexpected<Error>(
        std::move(opened).error().with_context("opening '" + mask_passwords(spec.name) + "'"));
  }
  return std::unique_ptr<PacketSource>(std::move(source));
}

Result<void> ContainerSource::open_file() {
  Result<MediaFile> opened = open_media_file(name_, interrupt_.callback());
  if (!opened && interrupt_.interrupted()) return fail_interrupted("reading it");
  MediaFile file = TRY(std::move(opened));
  io_ = std::move(file.io);
  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) return fail(ErrorCode::resource_exhausted, "out of memory");
  format->pb = io_.get();
  format->interrupt_callback = interrupt_.callback();
  Options options;
  options.set("scan_all_pmts", "1");
  const FfmpegComplaint complaint;
  const int rc = avformat_open_input(&format, file_url(name_).c_str(), file.format, options.get());
  format_.reset(format);  // Null after a failure.
  if (rc >= 0) return {};
  if (interrupt_.interrupted()) return fail_interrupted("reading it");
  if (!file.recognised) {
    return fail(ErrorCode::corrupt_input,
                "it is not a video or picture FFmpeg can read (its content matches no format)");
  }
  return fail(ErrorCode::corrupt_input, "it is a damaged or incomplete " +
                                            std::string(file.format->long_name) + " file (" +
                                            complaint.or_code(rc) + ")");
}

Result<void> ContainerSource::open_url() {
  if (Result<void> found = look_up_host(name_, interrupt_); !found) {
    if (interrupt_.interrupted()) return fail_interrupted("looking up its host");
    return found;
  }
  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) return fail(ErrorCode::resource_exhausted, "out of memory");
  format->interrupt_callback = interrupt_.callback();
  Options options;
  options.set("scan_all_pmts", "1");
  // Camera networks lose UDP packets, and every lost one costs a picture until the next key frame.
  if (name_.starts_with("rtsp")) options.set("rtsp_transport", "tcp");
  const FfmpegComplaint complaint;
  const int rc = avformat_open_input(&format, name_.c_str(), nullptr, options.get());
  format_.reset(format);
  if (rc >= 0) return {};
  if (interrupt_.interrupted()) return fail_interrupted("connecting");
  if (rc == AVERROR_INVALIDDATA) {
    return fail(ErrorCode::corrupt_input,
                "it is not a video FFmpeg can read (" + complaint.or_code(rc) + ")");
  }
  return fail(error_code_of(rc), ffmpeg_error_text(rc));
}

Result<void> ContainerSource::find_video_stream() {
  if (const int rc = avformat_find_stream_info(format_.get(), nullptr); rc < 0) {
    if (interrupt_.interrupted()) return fail_interrupted("reading it");
    return fail(ErrorCode::corrupt_input, "its streams cannot be read: " + ffmpeg_error_text(rc));
  }
  if (interrupt_.interrupted()) return fail_interrupted("reading it");
  const std::span<AVStream* const> streams(format_->streams, format_->nb_streams);
  const int index = best_video(*format_);
  if (index < 0) {
    return fail(ErrorCode::unsupported, "it has no video stream (" + kinds_of(streams) + ")");
  }
  video_ = streams[static_cast<std::size_t>(index)];
  const AVCodecID codec = video_->codecpar->codec_id;
  if (draws_text(codec)) {
    return fail(ErrorCode::corrupt_input, "it is a text file, not a video or picture");
  }
  if (avcodec_find_decoder(codec) == nullptr) {
    return fail(ErrorCode::unsupported, "its video codec " + std::string(avcodec_get_name(codec)) +
                                            " has no decoder in this FFmpeg");
  }
  for (AVStream* stream : streams) {
    if (stream != video_) stream->discard = AVDISCARD_ALL;
  }
  stream_ = TRY(describe_stream(*format_, *video_, mask_passwords(name_)));
  return {};
}

Result<SourceItem> ContainerSource::read() {
  std::shared_ptr<PacketHandle> owner = packets_.take();
  AVPacket* packet = owner->get();
  if (packet == nullptr) {
    return fail(ErrorCode::resource_exhausted, "reading '" + stream_->source + "': out of memory");
  }
  interrupt_.begin_call();
  const FfmpegComplaint complaint;
  while (!ended_) {
    if (interrupt_.stop_requested()) return EndOfStream{};
    const int rc = av_read_frame(format_.get(), packet);
    if (rc == AVERROR(EAGAIN) && !interrupt_.timed_out()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (rc < 0) return end_of_reading(rc, complaint.text());
    // FFmpeg was told to give up within the packet: what there is of it is no picture.
    if (interrupt_.interrupted()) return end_of_reading(AVERROR_EXIT, complaint.text());
    if (packet->stream_index == video_->index) {
      const std::int64_t ticks = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
      if (ticks != AV_NOPTS_VALUE) last_time_ = time_of_ticks(*stream_, ticks).value_or(last_time_);
      std::shared_ptr<void> payload(std::move(owner), packet);
      return Packet{stream_, std::move(payload), arrival_now(), std::nullopt};
    }
    av_packet_unref(packet);
  }
  return EndOfStream{};
}

// FFmpeg's own tools stop at the first error too; what they would not deliver, we do not.
Result<SourceItem> ContainerSource::end_of_reading(int code, const std::string& complaint) {
  if (interrupt_.stop_requested()) return EndOfStream{};
  const std::string doing = "reading '" + stream_->source + "'";
  if (interrupt_.interrupted() || code == AVERROR(EAGAIN)) {
    return fail_interrupted(doing);
  }
  ended_ = true;
  const int io_error = format_->pb != nullptr && format_->pb->error < 0 ? format_->pb->error : 0;
  if (code == AVERROR_EOF && io_error == 0 && complaint.empty()) return EndOfStream{};
  const int cause = code == AVERROR_EOF && io_error != 0 ? io_error : code;
  return DecodeFailure{last_time_, doing + ": the stream breaks off here (" +
                                       (complaint.empty() ? ffmpeg_error_text(cause) : complaint) +
                                       ")"};
}

tl::unexpected<Error> ContainerSource::fail_interrupted(std::string_view doing) const {
  std::string message(doing);
  if (interrupt_.stop_requested()) {
    return fail(ErrorCode::unavailable, message + ": stopped before it was open");
  }
  return fail(ErrorCode::timed_out, message + ": nothing came within " +
                                        std::to_string(interrupt_.timeout().count()) + " ms");
}

}  // namespace retinue
