/// What the numbers of a picture mean as colours.
#pragma once

#include <cstdint>

namespace retinue {

/// R'G'B' from Y'CbCr. Irrelevant for RGB and gray pictures.
enum class ColorMatrix : std::uint8_t { bt601, bt709, bt2020 };

/// limited: 16..235 for Y and 16..240 for CbCr (of 8 bits); full: 0..255.
enum class ColorRange : std::uint8_t { limited, full };

/// Where a subsampled chroma sample lies between the pixels that share it.
enum class ChromaLocation : std::uint8_t {
  left,      ///< Horizontally on the left pixel's centre, vertically between the rows: MPEG-2 and
             ///< later.
  center,    ///< In the middle of its pixels: JPEG, MPEG-1.
  top_left,  ///< On the top-left pixel's centre: most BT.2020 material.
};

/// sdr: used as it is. pq (SMPTE ST 2084) and hlg (ARIB STD-B67) go through one fixed curve to SDR.
enum class TransferFunction : std::uint8_t { sdr, pq, hlg };

struct Color {
  ColorMatrix matrix = ColorMatrix::bt601;
  ColorRange range = ColorRange::limited;
  ChromaLocation chroma = ChromaLocation::left;
  TransferFunction transfer = TransferFunction::sdr;

  friend bool operator==(const Color&, const Color&) = default;
};

}  // namespace retinue
