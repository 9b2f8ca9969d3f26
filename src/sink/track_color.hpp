/// The colour that a track keeps for as long as it is drawn.
#pragma once

#include <optional>

#include "perception/face.hpp"

namespace retinue {

/// Non-linear sRGB, each in [0, 1].
struct SrgbColor {
  double red = 0;
  double green = 0;
  double blue = 0;
};

/// Neighbouring ids get hues far apart (golden-ratio steps), all of the same lightness and chroma
/// in Oklab, so that no track is louder than another; light enough to stand on a dark outline.
/// Without a track: a light grey.
///
/// Björn Ottosson, "A perceptual color space for image processing", 2020.
SrgbColor color_of(std::optional<TrackId> track);

}  // namespace retinue
