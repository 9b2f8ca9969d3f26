/// The fixed curve by which high-dynamic-range pictures become ordinary ones.
#pragma once

#include "frame/color.hpp"

namespace retinue {

/// Maps one non-linear component in [0, 1], R', G' or B' alike, to an SDR one in [0, 1].
///
/// PQ is decoded with SMPTE ST 2084's EOTF; HLG with ITU-R BT.2100's inverse OETF, and its OOTF
/// (gamma 1.2, a display of 1000 cd/m²) applied to each component on its own. Luminance relative to
/// the reference white of 203 cd/m² (ITU-R BT.2408) is compressed by Reinhard et al., "Photographic
/// Tone Reproduction for Digital Images", SIGGRAPH 2002, eq. 4, with 1000 cd/m² as the smallest
/// white, and encoded with a gamma of 2.4 (BT.1886). `sdr` passes through.
///
/// Deviation from a colour-managed conversion: the primaries stay as they are (BT.2020), since the
/// curve works on each component alone.
double sdr_from(TransferFunction transfer, double component);

}  // namespace retinue
