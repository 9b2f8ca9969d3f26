/// The canonical face, posed and seen through a camera.
#pragma once

#include <array>
#include <vector>

#include <Eigen/Core>

#include "geometry/camera.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"

namespace retinue {

using Vertices = std::vector<Eigen::Vector3d>;

/// Of the contract: R = Rz(roll) · Ry(-yaw) · Rx(-pitch), from the usual right-handed matrices.
Eigen::Matrix3d rotation(double yaw_deg, double pitch_deg, double roll_deg);

/// The canonical face's vertices in camera axes, in millimetres.
Vertices posed_face(const Eigen::Matrix3d& R, const Eigen::Vector3d& translation_mm);

/// Vertices in camera axes as a mesh sees them: pixels, and a depth relative to the mean one, in
/// the unit of x. The irises, which no vertices have, lie in the picture's corner.
std::vector<Point3<UprightPx>> seen_as_mesh(const Vertices& vertices,
                                            const PinholeCamera<UprightPx>& camera);

}  // namespace retinue
