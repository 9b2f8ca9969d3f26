#include "decode/picture_format.hpp"

#include <algorithm>
#include <array>
#include <string>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace retinue {

namespace {

struct FormatPair {
  AVPixelFormat ffmpeg;
  PixelFormat ours;
};

// The first entry of a PixelFormat is the one it is converted to.
constexpr auto kSameLayout = std::to_array<FormatPair>({
    {AV_PIX_FMT_YUV420P, PixelFormat::yuv420p},
    {AV_PIX_FMT_YUVJ420P, PixelFormat::yuv420p},
    {AV_PIX_FMT_YUVA420P, PixelFormat::yuv420p},
    {AV_PIX_FMT_YUV422P, PixelFormat::yuv422p},
    {AV_PIX_FMT_YUVJ422P, PixelFormat::yuv422p},
    {AV_PIX_FMT_YUVA422P, PixelFormat::yuv422p},
    {AV_PIX_FMT_YUV444P, PixelFormat::yuv444p},
    {AV_PIX_FMT_YUVJ444P, PixelFormat::yuv444p},
    {AV_PIX_FMT_YUVA444P, PixelFormat::yuv444p},
    {AV_PIX_FMT_YUV440P, PixelFormat::yuv440p},
    {AV_PIX_FMT_YUVJ440P, PixelFormat::yuv440p},
    {AV_PIX_FMT_YUV411P, PixelFormat::yuv411p},
    {AV_PIX_FMT_YUVJ411P, PixelFormat::yuv411p},
    {AV_PIX_FMT_YUV410P, PixelFormat::yuv410p},
    {AV_PIX_FMT_NV12, PixelFormat::nv12},
    {AV_PIX_FMT_NV21, PixelFormat::nv21},
    {AV_PIX_FMT_YUV420P10LE, PixelFormat::yuv420p10},
    {AV_PIX_FMT_YUVA420P10LE, PixelFormat::yuv420p10},
    {AV_PIX_FMT_YUV422P10LE, PixelFormat::yuv422p10},
    {AV_PIX_FMT_YUVA422P10LE, PixelFormat::yuv422p10},
    {AV_PIX_FMT_YUV444P10LE, PixelFormat::yuv444p10},
    {AV_PIX_FMT_YUVA444P10LE, PixelFormat::yuv444p10},
    {AV_PIX_FMT_YUV420P12LE, PixelFormat::yuv420p12},
    {AV_PIX_FMT_YUV422P12LE, PixelFormat::yuv422p12},
    {AV_PIX_FMT_YUVA422P12LE, PixelFormat::yuv422p12},
    {AV_PIX_FMT_YUV444P12LE, PixelFormat::yuv444p12},
    {AV_PIX_FMT_YUVA444P12LE, PixelFormat::yuv444p12},
    {AV_PIX_FMT_P010LE, PixelFormat::p010},
    {AV_PIX_FMT_GRAY8, PixelFormat::gray8},
    {AV_PIX_FMT_GRAY10LE, PixelFormat::gray10},
    {AV_PIX_FMT_GRAY12LE, PixelFormat::gray12},
    {AV_PIX_FMT_GRAY16LE, PixelFormat::gray16},
    {AV_PIX_FMT_RGB24, PixelFormat::rgb24},
    {AV_PIX_FMT_BGR24, PixelFormat::bgr24},
    {AV_PIX_FMT_RGBA, PixelFormat::rgba},
    {AV_PIX_FMT_RGB0, PixelFormat::rgba},
    {AV_PIX_FMT_BGRA, PixelFormat::bgra},
    {AV_PIX_FMT_BGR0, PixelFormat::bgra},
    {AV_PIX_FMT_ARGB, PixelFormat::argb},
    {AV_PIX_FMT_0RGB, PixelFormat::argb},
    {AV_PIX_FMT_ABGR, PixelFormat::abgr},
    {AV_PIX_FMT_0BGR, PixelFormat::abgr},
    {AV_PIX_FMT_GBRP, PixelFormat::gbrp},
    {AV_PIX_FMT_GBRAP, PixelFormat::gbrp},
});

AVPixelFormat ffmpeg_format(PixelFormat format) {
  return std::ranges::find(kSameLayout, format, &FormatPair::ours)->ffmpeg;
}

PixelFormat nearest_yuv(int log2_x, int log2_y, int depth_bits) {
  using enum PixelFormat;
  struct ByDepth {
    PixelFormat eight;
    PixelFormat ten;
    PixelFormat twelve;
  };
  ByDepth formats{yuv444p, yuv444p10, yuv444p12};
  if (log2_x == 1 && log2_y == 1) formats = {yuv420p, yuv420p10, yuv420p12};
  if (log2_x == 1 && log2_y == 0) formats = {yuv422p, yuv422p10, yuv422p12};
  if (log2_x == 0 && log2_y == 1) formats.eight = yuv440p;
  if (log2_x == 2 && log2_y == 0) formats.eight = yuv411p;
  if (log2_x == 2 && log2_y == 2) formats.eight = yuv410p;
  if (depth_bits <= 8) return formats.eight;
  return depth_bits <= 10 ? formats.ten : formats.twelve;
}

}  // namespace

std::optional<PixelFormat> same_layout(AVPixelFormat format) {
  const auto* found = std::ranges::find(kSameLayout, format, &FormatPair::ffmpeg);
  if (found == kSameLayout.end()) return std::nullopt;
  return found->ours;
}

PixelFormat nearest_layout(AVPixelFormat format) {
  constexpr std::uint64_t kColor =
      AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BAYER;
  const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(format);
  if (layout == nullptr || (layout->flags & kColor) != 0 || format == AV_PIX_FMT_XYZ12LE ||
      format == AV_PIX_FMT_XYZ12BE) {
    return PixelFormat::rgb24;
  }
  const int depth_bits = layout->comp[0].depth;
  if (layout->nb_components <= 2) return depth_bits <= 8 ? PixelFormat::gray8 : PixelFormat::gray16;
  return nearest_yuv(layout->log2_chroma_w, layout->log2_chroma_h, depth_bits);
}

Result<FrameHandle> PictureConverter::convert(const AVFrame& picture) {
  const auto from = static_cast<AVPixelFormat>(picture.format);
  const AVPixelFormat to = ffmpeg_format(nearest_layout(from));
  scaler_.reset(sws_getCachedContext(
      scaler_.release(), picture.width, picture.height, from, picture.width, picture.height, to,
      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr));
  if (!scaler_) {
    const char* name = av_get_pix_fmt_name(from);
    return fail(ErrorCode::unsupported, "FFmpeg cannot convert pixel format " +
                                            std::string(name == nullptr ? "unknown" : name));
  }
  FrameHandle converted(av_frame_alloc());
  if (!converted || av_frame_copy_props(converted.get(), &picture) < 0) {
    return fail(ErrorCode::resource_exhausted, "out of memory");
  }
  converted->format = to;
  converted->width = picture.width;
  converted->height = picture.height;
  if (av_frame_get_buffer(converted.get(), 0) < 0) {
    return fail(ErrorCode::resource_exhausted, "out of memory");
  }
  sws_scale(scaler_.get(), picture.data, picture.linesize, 0, picture.height, converted->data,
            converted->linesize);
  return converted;
}

}  // namespace retinue
