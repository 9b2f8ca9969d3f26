#include "decode/picture_color.hpp"

#include <optional>

namespace retinue {

namespace {

constexpr int kSmallestHdHeight = 720;

bool is_jpeg_format(int format) {
  return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P ||
         format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P ||
         format == AV_PIX_FMT_YUVJ411P;
}

std::optional<ColorMatrix> tagged_matrix(AVColorSpace space) {
  if (space == AVCOL_SPC_BT709 || space == AVCOL_SPC_SMPTE240M) return ColorMatrix::bt709;
  if (space == AVCOL_SPC_BT470BG || space == AVCOL_SPC_SMPTE170M || space == AVCOL_SPC_FCC) {
    return ColorMatrix::bt601;
  }
  if (space == AVCOL_SPC_BT2020_NCL || space == AVCOL_SPC_BT2020_CL) return ColorMatrix::bt2020;
  return std::nullopt;
}

ColorRange range_of(const AVFrame& picture, ColorModel model, bool jpeg) {
  // RGB is full range whatever its tag says: FFmpeg's own converter ignores it too.
  if (model == ColorModel::rgb || is_jpeg_format(picture.format)) return ColorRange::full;
  if (picture.color_range == AVCOL_RANGE_JPEG) return ColorRange::full;
  if (picture.color_range == AVCOL_RANGE_MPEG) return ColorRange::limited;
  return jpeg || model == ColorModel::gray ? ColorRange::full : ColorRange::limited;
}

ChromaLocation chroma_of(AVChromaLocation location, bool jpeg) {
  // Of those without an equal, the nearest: a quarter of a chroma sample off at most.
  if (location == AVCHROMA_LOC_LEFT || location == AVCHROMA_LOC_BOTTOMLEFT) {
    return ChromaLocation::left;
  }
  if (location == AVCHROMA_LOC_TOPLEFT) return ChromaLocation::top_left;
  if (location == AVCHROMA_LOC_CENTER || location == AVCHROMA_LOC_TOP ||
      location == AVCHROMA_LOC_BOTTOM) {
    return ChromaLocation::center;
  }
  return jpeg ? ChromaLocation::center : ChromaLocation::left;
}

TransferFunction transfer_of(AVColorTransferCharacteristic transfer) {
  if (transfer == AVCOL_TRC_SMPTE2084) return TransferFunction::pq;
  return transfer == AVCOL_TRC_ARIB_STD_B67 ? TransferFunction::hlg : TransferFunction::sdr;
}

}  // namespace

PictureColor color_of(const AVFrame& picture, ColorModel model, AVCodecID codec) {
  const bool jpeg = codec == AV_CODEC_ID_MJPEG;
  const bool high_definition = picture.height >= kSmallestHdHeight && !jpeg;
  const std::optional<ColorMatrix> tagged = tagged_matrix(picture.colorspace);
  const bool untagged =
      picture.colorspace == AVCOL_SPC_UNSPECIFIED || picture.colorspace == AVCOL_SPC_RESERVED;
  return {.color = {.matrix =
                        tagged.value_or(high_definition ? ColorMatrix::bt709 : ColorMatrix::bt601),
                    .range = range_of(picture, model, jpeg),
                    .chroma = chroma_of(picture.chroma_location, jpeg),
                    .transfer = transfer_of(picture.color_trc)},
          .matrix_replaced = model == ColorModel::yuv && !tagged && !untagged};
}

}  // namespace retinue
