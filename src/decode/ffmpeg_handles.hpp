/// Owners for FFmpeg's objects, inside this module only.
#pragma once

#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
}

namespace retinue {

struct CodecContextFreer {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
using CodecContextHandle = std::unique_ptr<AVCodecContext, CodecContextFreer>;

struct FrameFreer {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using FrameHandle = std::unique_ptr<AVFrame, FrameFreer>;

/// For an ObjectPool. One that was returned holds no pixels: they are back in FFmpeg's pool.
struct PooledPicture {
  using Object = FrameHandle;
  static FrameHandle make() { return FrameHandle(av_frame_alloc()); }
  static void clear(FrameHandle& picture) { av_frame_unref(picture.get()); }
};

struct ScalerFreer {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using ScalerHandle = std::unique_ptr<SwsContext, ScalerFreer>;

}  // namespace retinue
