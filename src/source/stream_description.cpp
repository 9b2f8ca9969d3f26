#include "source/stream_description.hpp"

#include <array>
#include <cstring>
#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace retinue {

namespace {

constexpr double kHighestPlausibleHz = 1000;  // Some formats give their clock's rate.

std::optional<Orientation> display_orientation(const AVStream& stream) {
  std::size_t size = 0;
  const std::uint8_t* bytes = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  std::array<std::int32_t, 9> matrix{};
  if (bytes == nullptr || size < sizeof(matrix)) return std::nullopt;
  std::memcpy(matrix.data(), bytes, sizeof(matrix));
  return orientation_of_display_matrix(matrix);
}

std::optional<double> nominal_rate(AVFormatContext& format, AVStream& stream) {
  const AVRational rate = av_guess_frame_rate(&format, &stream, nullptr);
  if (rate.num <= 0 || rate.den <= 0) return std::nullopt;
  const double frames_per_s = av_q2d(rate);
  if (frames_per_s > kHighestPlausibleHz) return std::nullopt;
  return frames_per_s;
}

std::optional<MediaTime> duration_of(const AVFormatContext& format, const AVStream& stream,
                                     const StreamDescription& description) {
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0) {
    return description.time_after_start(stream.duration);
  }
  if (format.duration == AV_NOPTS_VALUE || format.duration <= 0) return std::nullopt;
  constexpr std::int64_t kLongest = std::int64_t{1} << 52;  // Microseconds: over a century.
  if (format.duration > kLongest) return std::nullopt;
  return MediaTime{std::chrono::microseconds(format.duration)};
}

}  // namespace

Result<std::shared_ptr<const StreamDescription>> describe_stream(AVFormatContext& format,
                                                                 AVStream& stream,
                                                                 std::string source) {
  CodecParametersHandle parameters(avcodec_parameters_alloc());
  if (!parameters || avcodec_parameters_copy(parameters.get(), stream.codecpar) < 0) {
    return fail(ErrorCode::resource_exhausted, "out of memory");
  }
  auto description = std::make_shared<StreamDescription>();
  description->source = std::move(source);
  description->codec_name = avcodec_get_name(stream.codecpar->codec_id);
  description->codec_parameters = std::shared_ptr<const AVCodecParameters>(std::move(parameters));
  description->time_base_numerator = stream.time_base.num;
  description->time_base_denominator = stream.time_base.den;
  if (stream.start_time != AV_NOPTS_VALUE) description->start_ticks = stream.start_time;
  description->orientation = display_orientation(stream).value_or(Orientation::upright);
  if (stream.sample_aspect_ratio.num > 0 && stream.sample_aspect_ratio.den > 0) {
    description->pixel_aspect = av_q2d(stream.sample_aspect_ratio);
  }
  description->frames_per_s = nominal_rate(format, stream);
  if (stream.nb_frames > 0) {
    description->frame_count = static_cast<std::uint64_t>(stream.nb_frames);
  }
  description->duration = duration_of(format, stream, *description);
  return description;
}

std::optional<MediaTime> time_of_ticks(const StreamDescription& stream, std::int64_t ticks) {
  std::int64_t since_start = 0;
  if (__builtin_sub_overflow(ticks, stream.start_ticks.value_or(0), &since_start)) {
    return std::nullopt;
  }
  return stream.time_after_start(since_start);
}

}  // namespace retinue
