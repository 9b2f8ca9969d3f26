/// The eyes of a face mesh: where they are, how far they are open, which way they point.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "geometry/box.hpp"
#include "geometry/camera.hpp"
#include "geometry/direction.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/face.hpp"

namespace retinue {

/// The *person's* right and left.
enum class Eye : std::uint8_t { right, left };

/// A mesh of kFaceLandmarkCount points, borrowed.
using FaceLandmarks478 = std::span<const Point3<UprightPx>>;

/// Between the eye's corners, and how far these are apart in the picture.
struct EyePlace {
  Point<UprightPx> center;
  float width_px = 0;
};
EyePlace eye_place(FaceLandmarks478 landmarks, Eye eye);

/// The middle between both eyes.
Point<UprightPx> between_eyes(FaceLandmarks478 landmarks);

/// How far the lids are apart, over the eye's width: the mean of three pairs of points on the lids'
/// edges as seen in the picture, over the distance of the corners in space, so that a face turned
/// aside does not seem to open its eyes. About 0.35 for an open eye, under 0.1 for a shut one; 0
/// for an eye without extent.
///
/// Soukupova, Cech, "Real-Time Eye Blink Detection using Facial Landmarks", CVWW 2016 (the eye
/// aspect ratio). Deviations: three pairs, and the width in space. It is taken from the mesh and
/// not from the blendshapes, because gaze must not depend on which other tasks run; on 2828 eyes of
/// the sample videos and pictures it goes with eyeBlink at a correlation of -0.92 (-0.86 without
/// the width in space), and eyeBlink alone calls eyes shut that look down.
float eye_openness(FaceLandmarks478 landmarks, Eye eye);

/// Under an openness of 0.1: the iris is covered.
bool is_open(FaceLandmarks478 landmarks, Eye eye);

/// Which way one eye points, in camera axes, from where the mesh has its iris: an eyeball of
/// average size is put behind the corners of the eye, and the ray from its centre through the iris
/// is the direction. `head` is the face's own, of the same mesh and camera.
///
/// The eyeball's place and radius were fitted to the answers of gaze-estimation-adas-0002 on 144
/// faces that look in many directions: the two differ by 2 degrees of yaw and 3 of pitch in the
/// median. But the mesh's lids and irises err differently for each person, for both eyes alike: on
/// portraits that look into the camera the pitch is off by up to 19 degrees. What one eye differs
/// from the other by, and how a direction changes, is surer than the direction itself.
///
/// An iris beyond the eyeball's rim counts as one on it. Nullopt: the head's distance is none.
/// Reentrant.
std::optional<Direction> eye_direction(FaceLandmarks478 landmarks, const HeadPose& head,
                                       const PinholeCamera<UprightPx>& camera, Eye eye);

}  // namespace retinue
