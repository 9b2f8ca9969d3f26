/// Where a head is and which way it faces, from its face mesh.
#pragma once

#include <optional>
#include <span>

#include "geometry/camera.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "perception/face.hpp"

namespace retinue {

/// Fits MediaPipe's canonical face (a rigid head of average size) to the mesh, seen through
/// `camera`.
///
/// The method is MediaPipe's face geometry (geometry_pipeline.cc, procrustes_solver.cc): the mesh
/// is unprojected with its own relative depth, the scale is found in two rounds, and a weighted
/// Procrustes fit (Umeyama, "Least-squares estimation of transformation parameters between two
/// point patterns", PAMI 1991) gives rotation and translation. Deviation: to the weights of its 33
/// expression-robust landmarks every landmark adds 1/468, which is nearer to ground truth on turned
/// heads (tools/reference_headpose.py).
///
/// `translation_mm` is that of the canonical face's origin, inside the head at the height of the
/// nose bridge; its depth is as right as the head is of average size and the camera's field of view
/// is true.
///
/// `landmarks`: kFaceLandmarkCount points; the irises are not used. Nullopt when they have no
/// extent or are not finite: no head is there. Reentrant.
std::optional<HeadPose> head_pose(std::span<const Point3<UprightPx>> landmarks,
                                  const PinholeCamera<UprightPx>& camera);

}  // namespace retinue
