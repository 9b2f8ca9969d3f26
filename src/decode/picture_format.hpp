/// FFmpeg's pixel formats as ours.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "decode/ffmpeg_handles.hpp"
#include "frame/pixel_format.hpp"

namespace retinue {

/// The layout whose planes those of `format` are, or can be read as: an alpha plane is left out,
/// unused bytes are taken for alpha. Empty if it has to be converted.
std::optional<PixelFormat> same_layout(AVPixelFormat format);

/// The layout to which `format` is converted: the same colour model and subsampling, and at least
/// its depth, up to 12 bits for YUV, 16 for gray and 8 for RGB and palettes.
PixelFormat nearest_layout(AVPixelFormat format);

/// Converts pictures whose format has no layout of ours. Keeps the converter between pictures of
/// one format and size. Thread-bound.
class PictureConverter {
 public:
  /// A new picture in `nearest_layout` with the properties of `picture`.
  ///
  /// Errors  unsupported: FFmpeg cannot convert it. resource_exhausted: no memory.
  Result<FrameHandle> convert(const AVFrame& picture);

 private:
  ScalerHandle scaler_;
};

}  // namespace retinue
