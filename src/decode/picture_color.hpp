/// What the tags of a decoded picture, or their absence, say about its colours.
#pragma once

#include "decode/ffmpeg_handles.hpp"
#include "frame/color.hpp"
#include "frame/pixel_format.hpp"

namespace retinue {

/// `color_of` with what it could not take at its word.
struct PictureColor {
  Color color;
  /// The matrix is tagged with one that we do not have, and was treated as untagged.
  bool matrix_replaced = false;
};

/// `format` is the layout that the pixels of `picture` have or had before conversion. The rules are
/// in `VideoDecoder`.
PictureColor color_of(const AVFrame& picture, ColorModel model, AVCodecID codec);

}  // namespace retinue
