/// How a stored picture is turned and stretched to be looked at.
#pragma once

#include <cstdint>
#include <span>

#include "geometry/affine.hpp"
#include "geometry/box.hpp"

namespace retinue {

/// What has to be done to the stored picture for display. Values are EXIF's `Orientation`.
enum class Orientation : std::uint8_t {
  upright = 1,
  mirrored = 2,  ///< Left and right swapped.
  rotated_180 = 3,
  flipped = 4,               ///< Top and bottom swapped.
  transposed = 5,            ///< Mirrored along the main diagonal.
  rotated_90_clockwise = 6,  ///< Turn clockwise by 90 degrees.
  transversed = 7,           ///< Mirrored along the other diagonal.
  rotated_90_counterclockwise = 8,
};

/// From the nine numbers of a QuickTime display matrix, as FFmpeg has them (16.16 fixed point; a
/// point of the stored picture is a row vector on the left). Other angles than quarter turns become
/// the nearest one; a degenerate matrix is `upright`.
Orientation orientation_of_display_matrix(std::span<const std::int32_t, 9> matrix);

/// The three spaces of one picture and the maps between them.
struct PictureGeometry {
  Size stored;
  Orientation orientation = Orientation::upright;
  /// Width of a *stored* pixel divided by its height; > 0.
  double pixel_aspect = 1;

  /// Size of the picture in FramePx: `stored`, with the edges swapped by a quarter turn.
  Size frame_size() const;

  /// Size in UprightPx. The short direction of a pixel is stretched, so no detail is lost.
  Box<UprightPx> upright_bounds() const;

  Affine<StoredPx, FramePx> stored_from_frame() const;
  Affine<FramePx, UprightPx> frame_from_upright() const;
  Affine<StoredPx, UprightPx> stored_from_upright() const;

  friend bool operator==(const PictureGeometry&, const PictureGeometry&) = default;
};

}  // namespace retinue
