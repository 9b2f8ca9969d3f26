#include "face/viewing_ray.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Core>
#include <Eigen/Geometry>

namespace retinue {

namespace {

constexpr double kRadPerDeg = std::numbers::pi / 180;

Eigen::Quaterniond rotation_to(const Direction& ray) {
  return Eigen::Quaterniond::FromTwoVectors(Eigen::Vector3d::UnitZ(),
                                            Eigen::Vector3d(ray[0], ray[1], ray[2]));
}

/// Of the contract: R = Rz(roll) · Ry(-yaw) · Rx(-pitch).
Eigen::Matrix3d rotation_of(const HeadPose& head) {
  const auto turn = [](double angle_rad, const Eigen::Vector3d& axis) {
    return Eigen::AngleAxisd(angle_rad, axis);
  };
  return (turn(static_cast<double>(head.roll_deg) * kRadPerDeg, Eigen::Vector3d::UnitZ()) *
          turn(-static_cast<double>(head.yaw_deg) * kRadPerDeg, Eigen::Vector3d::UnitY()) *
          turn(-static_cast<double>(head.pitch_deg) * kRadPerDeg, Eigen::Vector3d::UnitX()))
      .toRotationMatrix();
}

float degrees(double rad) {
  return static_cast<float>(rad / kRadPerDeg);
}

HeadPose turned(const Eigen::Quaterniond& rotation, const HeadPose& head) {
  const Eigen::Matrix3d R = rotation.toRotationMatrix() * rotation_of(head);
  HeadPose seen = head;
  seen.yaw_deg = degrees(std::asin(std::clamp(R(2, 0), -1.0, 1.0)));
  seen.pitch_deg = degrees(-std::atan2(R(2, 1), R(2, 2)));
  seen.roll_deg = degrees(std::atan2(R(1, 0), R(0, 0)));
  return seen;
}

}  // namespace

ViewingRay::ViewingRay(const PinholeCamera<UprightPx>& camera, Point<UprightPx> point) {
  const double x = (static_cast<double>(point.x) - camera.center_x) / camera.focal_x;
  const double y = (static_cast<double>(point.y) - camera.center_y) / camera.focal_y;
  const double length = std::hypot(x, y, 1.0);
  ray_ = {x / length, y / length, 1 / length};
}

Direction ViewingRay::camera_from_ray(const Direction& in_ray_axes) const {
  const Eigen::Vector3d in_camera =
      rotation_to(ray_) * Eigen::Vector3d(in_ray_axes[0], in_ray_axes[1], in_ray_axes[2]);
  return {in_camera.x(), in_camera.y(), in_camera.z()};
}

HeadPose ViewingRay::ray_from_camera(const HeadPose& head) const {
  return turned(rotation_to(ray_).conjugate(), head);
}

HeadPose ViewingRay::camera_from_ray(const HeadPose& head) const {
  return turned(rotation_to(ray_), head);
}

std::array<double, 3> camera_from_head(const HeadPose& head, const std::array<double, 3>& vector) {
  const Eigen::Vector3d in_camera =
      rotation_of(head) * Eigen::Vector3d(vector[0], vector[1], vector[2]);
  return {in_camera.x(), in_camera.y(), in_camera.z()};
}

Direction rolled(const Direction& direction, double roll_deg) {
  const double c = std::cos(roll_deg * kRadPerDeg);
  const double s = std::sin(roll_deg * kRadPerDeg);
  const auto& [x, y, z] = direction;
  return {c * x - s * y, s * x + c * y, z};
}

}  // namespace retinue
