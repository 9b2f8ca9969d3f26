#include "face/posed_face.hpp"

#include <numbers>

#include <Eigen/Geometry>

#include "face/canonical_face.hpp"
#include "perception/face.hpp"

namespace retinue {

Eigen::Matrix3d rotation(double yaw_deg, double pitch_deg, double roll_deg) {
  const auto turn = [](double angle_deg, const Eigen::Vector3d& axis) {
    return Eigen::AngleAxisd(angle_deg * std::numbers::pi / 180, axis).toRotationMatrix();
  };
  return turn(roll_deg, Eigen::Vector3d::UnitZ()) * turn(-yaw_deg, Eigen::Vector3d::UnitY()) *
         turn(-pitch_deg, Eigen::Vector3d::UnitX());
}

Vertices posed_face(const Eigen::Matrix3d& R, const Eigen::Vector3d& translation_mm) {
  Vertices vertices;
  for (const CanonicalLandmark& landmark : canonical_face()) {
    const Eigen::Vector3f canonical(landmark.x_mm, landmark.y_mm, landmark.z_mm);
    vertices.emplace_back(R * canonical.cast<double>() + translation_mm);
  }
  return vertices;
}

std::vector<Point3<UprightPx>> seen_as_mesh(const Vertices& vertices,
                                            const PinholeCamera<UprightPx>& camera) {
  double mean_depth = 0;
  for (const Eigen::Vector3d& p : vertices)
    mean_depth += p.z() / static_cast<double>(vertices.size());
  std::vector<Point3<UprightPx>> mesh;
  for (const Eigen::Vector3d& p : vertices) {
    mesh.push_back({static_cast<float>(camera.focal_x * p.x() / p.z() + camera.center_x),
                    static_cast<float>(camera.focal_y * p.y() / p.z() + camera.center_y),
                    static_cast<float>(camera.focal_x * (p.z() / mean_depth - 1))});
  }
  mesh.resize(kFaceLandmarkCount);
  return mesh;
}

}  // namespace retinue
