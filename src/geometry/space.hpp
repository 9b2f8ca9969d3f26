/// Coordinate spaces as types, and the pixel convention, stated once for the whole program:
/// the origin is the top-left *corner* of the top-left pixel, so pixel centres lie at +0.5;
/// x grows to the right, y grows downwards; positive angles turn clockwise as seen.
#pragma once

namespace retinue {

/// Pixels of the planes in memory, as the decoder made them.
struct StoredPx;

/// Pixels of the picture after display rotation: what records speak of. Pixels may be anamorphic.
struct FramePx;

/// The picture after display rotation, stretched so that pixels are square: what models see and
/// where regions, angles and distances are computed. Equal to FramePx when the pixel aspect is 1.
struct UprightPx;

/// Pixels of one model input.
struct TensorPx;

}  // namespace retinue
