#include "face/head_pose.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/SVD>

#include "face/canonical_face.hpp"

namespace retinue {

namespace {

/// A row for each surface landmark. All x lie together in memory, all y, all z: sums over landmarks
/// go through them in vectors.
using Points = Eigen::Matrix<double, static_cast<int>(kSurfaceLandmarkCount), 3>;
using Weights = Eigen::Matrix<double, static_cast<int>(kSurfaceLandmarkCount), 1>;

/// The canonical face, and what fitting it takes.
struct CanonicalFit {
  Weights weights;  ///< Sum 1.
  Eigen::Vector3d mean;
  Points weighted;  ///< Points from their weighted mean, times their weights: they add up to 0.
  double variance = 0;
};

struct RigidFit {
  double scale;
  Eigen::Matrix3d R;
  Eigen::Vector3d t;
};

/// Sum over the landmarks of the products of each column of `a` with each of `b`. Eigen's product
/// of large matrices would copy both first.
template <typename A, typename B>
auto sums_of_products(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  return a.transpose().lazyProduct(b).eval();
}

CanonicalFit make_canonical_fit() {
  CanonicalFit fit;
  Points points;
  for (std::size_t i = 0; i < kSurfaceLandmarkCount; ++i) {
    const CanonicalLandmark& landmark = canonical_face()[i];
    const auto row = static_cast<Eigen::Index>(i);
    points.row(row) =
        Eigen::RowVector3f(landmark.x_mm, landmark.y_mm, landmark.z_mm).cast<double>();
    fit.weights(row) = static_cast<double>(landmark.basis_weight);
  }
  fit.weights /= fit.weights.sum();
  fit.weights.array() += 1.0 / static_cast<double>(kSurfaceLandmarkCount);
  fit.weights /= fit.weights.sum();
  fit.mean = sums_of_products(points, fit.weights);
  const Points centered = points.rowwise() - fit.mean.transpose();
  fit.weighted = centered.array().colwise() * fit.weights.array();
  fit.variance = centered.rowwise().squaredNorm().dot(fit.weights);
  return fit;
}

/// Umeyama (1991), equations 40 to 42, weighted: target ≈ scale · R · canonical + t.
RigidFit fit_canonical_to(const Points& target) {
  static const CanonicalFit canonical = make_canonical_fit();
  const Eigen::Vector3d mean = sums_of_products(target, canonical.weights);
  // The mean of the target need not be taken off: it would be multiplied by a sum that is 0.
  const Eigen::Matrix3d covariance = sums_of_products(target, canonical.weighted);
  const Eigen::JacobiSVD<Eigen::Matrix3d> svd(covariance,
                                              Eigen::ComputeFullU | Eigen::ComputeFullV);
  Eigen::Vector3d sign = Eigen::Vector3d::Ones();
  if (svd.matrixU().determinant() * svd.matrixV().determinant() < 0) sign(2) = -1;
  const Eigen::Matrix3d R = svd.matrixU() * sign.asDiagonal() * svd.matrixV().transpose();
  const double scale = svd.singularValues().dot(sign) / canonical.variance;
  return {scale, R, mean - scale * R * canonical.mean};
}

/// Puts each landmark at a depth of (its relative depth + 1) / scale: the mesh's mean lies at 1 /
/// scale.
Points unproject(const Points& normalised, double scale) {
  const double mean_z = normalised.col(2).mean();
  const double unscale = 1 / scale;
  Points points;
  points.col(2) = (normalised.col(2).array() - mean_z + 1) * unscale;
  points.col(0) = normalised.col(0).cwiseProduct(points.col(2));
  points.col(1) = normalised.col(1).cwiseProduct(points.col(2));
  return points;
}

float degrees(double rad) {
  return static_cast<float>(rad * 180 / std::numbers::pi);
}

}  // namespace

std::optional<HeadPose> head_pose(std::span<const Point3<UprightPx>> landmarks,
                                  const PinholeCamera<UprightPx>& camera) {
  assert(landmarks.size() >= kSurfaceLandmarkCount);
  Points normalised;  // On the plane at depth 1.
  const double per_x = 1 / camera.focal_x;
  const double per_y = 1 / camera.focal_y;
  for (std::size_t i = 0; i < kSurfaceLandmarkCount; ++i) {
    const Point3<UprightPx>& p = landmarks[i];
    normalised.row(static_cast<Eigen::Index>(i))
        << (static_cast<double>(p.x) - camera.center_x) * per_x,
        (static_cast<double>(p.y) - camera.center_y) * per_y, static_cast<double>(p.z) * per_x;
  }
  if (!normalised.allFinite()) return std::nullopt;
  const double first_scale = fit_canonical_to(normalised).scale;
  // The scale of a point, or of a mesh that is nothing like a face, is 0 or next to it.
  constexpr double kSmallestScale = 1e-9;
  if (first_scale < kSmallestScale) return std::nullopt;
  const double correction = fit_canonical_to(unproject(normalised, first_scale)).scale;
  if (correction < kSmallestScale) return std::nullopt;
  const RigidFit fit = fit_canonical_to(unproject(normalised, first_scale * correction));

  // R = Rz(roll) · Ry(-yaw) · Rx(-pitch).
  const Eigen::Matrix3d& R = fit.R;
  HeadPose pose;
  pose.yaw_deg = degrees(std::asin(std::clamp(R(2, 0), -1.0, 1.0)));
  pose.pitch_deg = degrees(-std::atan2(R(2, 1), R(2, 2)));
  pose.roll_deg = degrees(std::atan2(R(1, 0), R(0, 0)));
  pose.translation_mm = {static_cast<float>(fit.t.x()), static_cast<float>(fit.t.y()),
                         static_cast<float>(fit.t.z())};
  return pose;
}

}  // namespace retinue
