#include "source/test_picture_source.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numbers>
#include <span>

#include "source/ffmpeg_handles.hpp"

namespace retinue {

namespace {

constexpr std::string_view kPrefix = "test:";
constexpr int kLargestEdge = 16384;
constexpr int kCounterBits = 16;

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct PlaneSpan {
  std::span<std::uint8_t> bytes;
  int width;
  int height;

  std::uint8_t* row(int y) const { return bytes.data() + static_cast<std::ptrdiff_t>(y) * width; }
};

void fill(const PlaneSpan& plane, Size corner, Size size, std::uint8_t value) {
  const int right = std::clamp(corner.width + size.width, 0, plane.width);
  const int bottom = std::clamp(corner.height + size.height, 0, plane.height);
  const int left = std::clamp(corner.width, 0, right);
  for (int y = std::max(0, corner.height); y < bottom; ++y) {
    std::fill(plane.row(y) + left, plane.row(y) + right, value);
  }
}

void draw_luma(const PlaneSpan& plane, std::int64_t frame) {
  for (int y = 0; y < plane.height; ++y) {
    std::uint8_t* row = plane.row(y);
    for (int x = 0; x < plane.width; ++x) {
      row[x] = static_cast<std::uint8_t>(40 + (x + y + 2 * frame) % 160);
    }
  }
  const int edge = std::max(1, std::min(plane.width, plane.height) / 6);
  const double turn = 2 * std::numbers::pi * static_cast<double>(frame % 100) / 100;
  const int x = static_cast<int>(std::lround(plane.width / 2.0 + plane.width / 4.0 * cos(turn)));
  const int y = static_cast<int>(std::lround(plane.height / 2.0 + plane.height / 4.0 * sin(turn)));
  fill(plane, {x - edge / 2, y - edge / 2}, {edge, edge}, 235);

  const int cell = plane.width / kCounterBits;
  for (int bit = 0; bit < kCounterBits; ++bit) {
    const bool set = ((frame >> (kCounterBits - 1 - bit)) & 1) != 0;
    fill(plane, {bit * cell, plane.height - cell}, {cell, cell}, set ? 235 : 16);
  }
}

void draw_chroma(const PlaneSpan& plane, std::int64_t frame, bool along_x) {
  for (int y = 0; y < plane.height; ++y) {
    std::uint8_t* row = plane.row(y);
    for (int x = 0; x < plane.width; ++x) {
      row[x] = static_cast<std::uint8_t>(64 + ((along_x ? x : y) + frame) % 128);
    }
  }
}

}  // namespace

bool names_test_picture(std::string_view name) {
  return name.starts_with(kPrefix);
}

Result<TestPictureSpec> parse_test_picture(const std::string& name) {
  const auto refuse = [&name] {
    return fail(ErrorCode::invalid_argument,
                "reading '" + name +
                    "': a test picture is test:WIDTHxHEIGHT@FPS with edges of 1 to " +
                    std::to_string(kLargestEdge) + " pixels and 0.001 to 1000 frames a second");
  };
  const std::string_view text = std::string_view(name).substr(kPrefix.size());
  const std::size_t cross = text.find('x');
  const std::size_t at = text.find('@');
  if (cross == std::string_view::npos || at == std::string_view::npos || at < cross) {
    return refuse();
  }
  const auto width = parse_number<int>(text.substr(0, cross));
  const auto height = parse_number<int>(text.substr(cross + 1, at - cross - 1));
  const auto frames_per_s = parse_number<double>(text.substr(at + 1));
  if (!width || !height || !frames_per_s) return refuse();
  const auto edge_fits = [](int edge) { return edge >= 1 && edge <= kLargestEdge; };
  if (!edge_fits(*width) || !edge_fits(*height)) return refuse();
  if (!(*frames_per_s >= 0.001 && *frames_per_s <= 1000)) return refuse();
  return TestPictureSpec{{*width, *height}, std::llround(*frames_per_s * 1000)};
}

Result<std::unique_ptr<PacketSource>> TestPictureSource::open(const SourceSpec& spec,
                                                              const SourceSettings& settings) {
  const TestPictureSpec picture = TRY(parse_test_picture(spec.name));
  CodecParametersHandle parameters(avcodec_parameters_alloc());
  if (!parameters) return fail(ErrorCode::resource_exhausted, "out of memory");
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = AV_CODEC_ID_RAWVIDEO;
  parameters->format = AV_PIX_FMT_YUV420P;
  parameters->width = picture.size.width;
  parameters->height = picture.size.height;
  parameters->color_space = AVCOL_SPC_BT709;
  parameters->color_range = AVCOL_RANGE_MPEG;

  auto stream = std::make_shared<StreamDescription>();
  stream->source = spec.name;
  stream->codec_name = "rawvideo";
  stream->codec_parameters = std::shared_ptr<const AVCodecParameters>(std::move(parameters));
  stream->time_base_numerator = 1000;
  stream->time_base_denominator = picture.millihertz;
  stream->start_ticks = 0;
  stream->frames_per_s = static_cast<double>(picture.millihertz) / 1000;
  return std::unique_ptr<PacketSource>(
      new TestPictureSource(picture, std::move(stream), settings.stop));
}

Result<SourceItem> TestPictureSource::read() {
  if (stop_.stop_requested()) return EndOfStream{};
  const auto [width, height] = picture_.size;
  const int chroma_width = (width + 1) / 2;
  const int chroma_height = (height + 1) / 2;
  const std::size_t luma_bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const std::size_t chroma_bytes =
      static_cast<std::size_t>(chroma_width) * static_cast<std::size_t>(chroma_height);

  std::shared_ptr<PacketHandle> owner = packets_.take();
  AVPacket* packet = owner->get();
  if (packet == nullptr ||
      av_new_packet(packet, static_cast<int>(luma_bytes + 2 * chroma_bytes)) < 0) {
    return fail(ErrorCode::resource_exhausted, "drawing '" + stream_->source + "': out of memory");
  }
  packet->pts = packet->dts = next_;
  packet->duration = 1;
  packet->flags |= AV_PKT_FLAG_KEY;
  const std::span<std::uint8_t> bytes(packet->data, luma_bytes + 2 * chroma_bytes);
  draw_luma({bytes.first(luma_bytes), width, height}, next_);
  draw_chroma({bytes.subspan(luma_bytes, chroma_bytes), chroma_width, chroma_height}, next_, true);
  draw_chroma({bytes.last(chroma_bytes), chroma_width, chroma_height}, next_, false);
  ++next_;
  std::shared_ptr<void> payload(std::move(owner), packet);
  return Packet{stream_, std::move(payload), arrival_now(), std::nullopt};
}

}  // namespace retinue
