/// Where nets that tell persons apart look: the face turned upright, moved and scaled so that its
/// eyes, nose and mouth lie where every other face's do.
#pragma once

#include <array>

#include "geometry/affine.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/face.hpp"

namespace retinue {

/// The similarity from an aligned picture of `size` (square) to the face with these keypoints: the
/// inverse of the one that brings the keypoints nearest to the template of InsightFace's
/// face_align, which is for 112 x 112 pixels (least squares; Umeyama, PAMI 1991). Deng et al.,
/// "ArcFace", CVPR 2019.
///
/// The template counts from the centre of the first pixel: the corner convention adds a half.
/// Never singular: keypoints that all lie in one place make a picture of one pixel, those that no
/// turn brings near the template one of many faces' size.
Affine<UprightPx, TensorPx> picture_from_arcface(
    const std::array<Point<UprightPx>, kFaceKeypointCount>& keypoints, Size size);

}  // namespace retinue
