/// Histograms of oriented gradients, as Felzenszwalb's detector uses them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "face/openface_alignment.hpp"

namespace retinue {

inline constexpr std::size_t kFhogCell = 8;
inline constexpr std::size_t kFhogChannels = 31;
/// Cells a side: those at the border have no neighbours to be normalised by.
inline constexpr std::size_t kFhogSide = kAlignedFaceSide / kFhogCell - 2;
inline constexpr std::size_t kFhogCount = kFhogSide * kFhogSide * kFhogChannels;

/// FHOG of an aligned face. `rgb`: u8 [112, 112, 3]. `out`: f64 [12, 12, 31], the channels 18
/// directions, 9 orientations, 4 sums of texture energy.
///
/// Felzenszwalb, Girshick, McAllester, Ramanan, "Object Detection with Discriminatively Trained
/// Part-Based Models", PAMI 2010, with the details of dlib's extract_fhog_features: of the three
/// colours the strongest gradient counts, pixels at the picture's border do not, and a pixel's
/// gradient is spread over its four nearest cells. Reentrant.
void fhog(std::span<const std::uint8_t, kAlignedFaceBytes> rgb, std::span<double, kFhogCount> out);

}  // namespace retinue
