/// Where OpenFace looks for action units: the face turned upright, scaled to one size, and nothing
/// beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "face/shape_model.hpp"
#include "geometry/affine.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"

namespace retinue {

inline constexpr int kAlignedFaceSide = 112;
inline constexpr std::size_t kAlignedFaceBytes =
    std::size_t{3} * kAlignedFaceSide * kAlignedFaceSide;

/// The similarity that brings the 24 landmarks that hardly move with expression nearest to the mean
/// shape times 0.7 (least squares), with the shape model's origin at the picture's centre.
/// TensorPx: the aligned picture.
Affine<TensorPx, UprightPx> aligned_from_picture(
    const ShapeModel& model, const ShapeFit& fit,
    std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks);

/// Blackens what lies outside the convex hull of the landmarks, with the brows and both ends of the
/// jaw raised by 30 pixels so that the forehead is inside. `rgb`: u8 [112, 112, 3].
///
/// Deviation from OpenFace, whose mask is the union of a list of triangles over the same points: a
/// hull. Its corners are cut down to whole pixels and its edges drawn as Pillow's polygons are, so
/// that results can be compared with those of a Python chain.
void mask_aligned_face(const Affine<TensorPx, UprightPx>& map,
                       std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks,
                       std::span<std::uint8_t, kAlignedFaceBytes> rgb);

}  // namespace retinue
