#include "source/image_source.hpp"

#include <utility>

#include "base/log.hpp"
#include "source/ffmpeg_interrupt.hpp"
#include "source/media_file.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace retinue {

namespace {

constexpr int kFramesPerS = 25;  // As FFmpeg gives sequences of pictures.
constexpr std::int64_t kLargestFileBytes = std::int64_t{1} << 30;

Result<MediaFile> open_picture(const std::string& path, const AVIOInterruptCB& interrupt) {
  MediaFile file = TRY(open_media_file(path, interrupt));
  if (file.picture_codec == AV_CODEC_ID_NONE) {
    return fail(ErrorCode::corrupt_input, "it is not a picture FFmpeg can read");
  }
  if (file.size_bytes > kLargestFileBytes) {
    return fail(ErrorCode::resource_exhausted, "a picture file may have 1 GiB, it has " +
                                                   std::to_string(file.size_bytes) + " bytes");
  }
  return file;
}

Result<std::shared_ptr<const StreamDescription>> describe(const std::string& name, AVCodecID codec,
                                                          SourceKind kind, std::size_t count) {
  CodecParametersHandle parameters(avcodec_parameters_alloc());
  if (!parameters) return fail(ErrorCode::resource_exhausted, "out of memory");
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = codec;

  auto stream = std::make_shared<StreamDescription>();
  stream->source = mask_passwords(name);
  stream->codec_name = avcodec_get_name(codec);
  stream->codec_parameters = std::shared_ptr<const AVCodecParameters>(std::move(parameters));
  stream->time_base_denominator = kFramesPerS;
  stream->start_ticks = 0;
  stream->in_sequence = kind == SourceKind::image_sequence;
  if (stream->in_sequence) stream->frames_per_s = kFramesPerS;
  stream->frame_count = count;
  stream->duration = stream->time_after_start(static_cast<std::int64_t>(count));
  stream->still_picture = true;
  return stream;
}

bool is_of_codec(const StreamDescription& stream, AVCodecID codec) {
  return static_cast<const AVCodecParameters*>(stream.codec_parameters.get())->codec_id == codec;
}

}  // namespace

Result<std::unique_ptr<PacketSource>> ImageSource::open(const SourceSpec& spec,
                                                        const SourceSettings& settings) {
  std::vector<std::string> files = spec.files;
  if (files.empty()) files.push_back(spec.name);
  std::unique_ptr<ImageSource> source(new ImageSource(spec, std::move(files), settings));

  FfmpegInterrupt interrupt(settings);
  std::optional<Error> first_error;
  for (const std::string& path : source->files_) {
    interrupt.begin_call();
    Result<MediaFile> file = open_picture(path, interrupt.callback());
    if (file) {
      source->stream_ =
          TRY(describe(spec.name, file->picture_codec, spec.kind, source->files_.size()));
      return std::unique_ptr<PacketSource>(std::move(source));
    }
    if (!first_error && !interrupt.interrupted()) {
      first_error = std::move(file).error().with_context("opening '" + path + "'");
    }
  }
  if (first_error) return tl::unexpected<Error>(*std::move(first_error));
  if (settings.stop.stop_requested()) {
    return fail(ErrorCode::unavailable, "opening '" + spec.name + "': stopped before it was open");
  }
  return fail(ErrorCode::timed_out, "opening '" + spec.name + "': nothing came within " +
                                        std::to_string(settings.timeout.count()) + " ms");
}

Result<Packet> ImageSource::read_file(const std::string& path) {
  FfmpegInterrupt interrupt(settings_);
  const MediaFile file = TRY(open_picture(path, interrupt.callback()));
  if (!is_of_codec(*stream_, file.picture_codec)) {
    stream_ = TRY(describe(name_, file.picture_codec, kind_, files_.size()));
  }
  std::shared_ptr<AVPacket> packet(av_packet_alloc(), PacketFreer());
  const auto size = static_cast<int>(file.size_bytes);
  if (!packet || av_new_packet(packet.get(), size) < 0) {
    return fail(ErrorCode::resource_exhausted, "out of memory");
  }
  if (const int got = avio_read(file.io.get(), packet->data, size); got != size) {
    return fail(ErrorCode::unavailable, "got " + std::to_string(got < 0 ? 0 : got) + " of its " +
                                            std::to_string(size) + " bytes");
  }
  packet->flags |= AV_PKT_FLAG_KEY;
  return Packet{stream_, std::move(packet), arrival_now(), std::nullopt};
}

Result<SourceItem> ImageSource::read() {
  if (next_ == files_.size() || settings_.stop.stop_requested()) return EndOfStream{};
  const std::string& path = files_[next_];
  const auto index = static_cast<std::int64_t>(next_++);
  Result<Packet> packet = read_file(path);
  if (!packet) {
    return DecodeFailure{
        stream_->time_after_start(index).value_or(MediaTime{}),
        std::move(packet).error().with_context("reading '" + path + "'").message()};
  }
  auto& payload = *static_cast<AVPacket*>(packet->payload.get());
  payload.pts = payload.dts = index;
  payload.duration = 1;
  return *std::move(packet);
}

}  // namespace retinue
