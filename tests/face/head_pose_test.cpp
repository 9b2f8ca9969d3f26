#include "face/head_pose.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "face/posed_face.hpp"

namespace retinue {
namespace {

constexpr PinholeCamera<UprightPx> kCamera{1108, 1108, 640, 360};

/// The canonical face's pose as it is measured in a picture of it.
HeadPose measured(const Eigen::Matrix3d& R, const Eigen::Vector3d& translation_mm = {0, 0, 600},
                  const PinholeCamera<UprightPx>& camera = kCamera) {
  const std::optional<HeadPose> pose =
      head_pose(seen_as_mesh(posed_face(R, translation_mm), camera), camera);
  if (!pose) {
    ADD_FAILURE() << "no pose";
    return {};
  }
  return *pose;
}

/// Within 0.01 degrees and 0.1 mm. `angles_deg`: yaw, pitch, roll.
void expect_pose(const HeadPose& pose, const Eigen::Vector3d& angles_deg,
                 const Eigen::Vector3d& translation_mm) {
  const Eigen::Vector3f found_deg(pose.yaw_deg, pose.pitch_deg, pose.roll_deg);
  const Eigen::Vector3f found_mm(pose.translation_mm.data());
  EXPECT_LE((found_deg.cast<double>() - angles_deg).cwiseAbs().maxCoeff(), 0.01)
      << found_deg.transpose() << ", expected " << angles_deg.transpose();
  EXPECT_LE((found_mm.cast<double>() - translation_mm).cwiseAbs().maxCoeff(), 0.1)
      << found_mm.transpose() << ", expected " << translation_mm.transpose();
}

TEST(HeadPose, OfAFaceThatLooksIntoTheCameraIsZero) {
  const HeadPose pose = measured(Eigen::Matrix3d::Identity());
  EXPECT_NEAR(pose.yaw_deg, 0, 0.01);
  EXPECT_NEAR(pose.pitch_deg, 0, 0.01);
  EXPECT_NEAR(pose.roll_deg, 0, 0.01);
}

// The signs, from where the nose points and not from the contract's formula. Camera axes: x right,
// y down, z away, so a face that looks into the camera points along (0, 0, -1).

TEST(HeadPose, YawIsPositiveWhenTheFaceTurnsTowardsThePicturesRightEdge) {
  const double c = std::cos(0.5);
  const double s = std::sin(0.5);
  Eigen::Matrix3d R;
  R << c, 0, -s,  //
      0, 1, 0,    //
      s, 0, c;
  ASSERT_GT((R * Eigen::Vector3d(0, 0, -1)).x(), 0) << "the nose points to the right";
  const HeadPose pose = measured(R);
  EXPECT_NEAR(pose.yaw_deg, 28.648, 0.01);
  EXPECT_NEAR(pose.pitch_deg, 0, 0.01);
  EXPECT_NEAR(pose.roll_deg, 0, 0.01);
}

TEST(HeadPose, PitchIsPositiveWhenTheFaceLooksUp) {
  const double c = std::cos(0.5);
  const double s = std::sin(0.5);
  Eigen::Matrix3d R;
  R << 1, 0, 0,  //
      0, c, s,   //
      0, -s, c;
  ASSERT_LT((R * Eigen::Vector3d(0, 0, -1)).y(), 0) << "the nose points up";
  const HeadPose pose = measured(R);
  EXPECT_NEAR(pose.yaw_deg, 0, 0.01);
  EXPECT_NEAR(pose.pitch_deg, 28.648, 0.01);
  EXPECT_NEAR(pose.roll_deg, 0, 0.01);
}

TEST(HeadPose, RollIsPositiveClockwiseAsSeen) {
  const double c = std::cos(0.5);
  const double s = std::sin(0.5);
  Eigen::Matrix3d R;
  R << c, -s, 0,  //
      s, c, 0,    //
      0, 0, 1;
  ASSERT_GT((R * Eigen::Vector3d(0, -1, 0)).x(), 0) << "the top of the head leans to the right";
  const HeadPose pose = measured(R);
  EXPECT_NEAR(pose.yaw_deg, 0, 0.01);
  EXPECT_NEAR(pose.pitch_deg, 0, 0.01);
  EXPECT_NEAR(pose.roll_deg, 28.648, 0.01);
}

TEST(HeadPose, IsExactForTheCanonicalFaceInAnyPose) {
  std::mt19937 random(9);
  const auto between = [&random](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int i = 0; i < 300; ++i) {
    const double yaw = between(-85, 85);
    const double pitch = between(-85, 85);
    const double roll = between(-179, 179);
    const double depth_mm = between(300, 2000);
    const Eigen::Vector3d t(between(-0.5, 0.5) * depth_mm, between(-0.3, 0.3) * depth_mm, depth_mm);
    const PinholeCamera<UprightPx> camera{between(500, 2000), between(500, 2000), between(0, 1280),
                                          between(0, 720)};
    // Only the mesh's own rounding to float is left.
    expect_pose(measured(rotation(yaw, pitch, roll), t, camera), {yaw, pitch, roll}, t);
  }
}

TEST(HeadPose, DoesNotDependOnWhereThePictureIsCropped) {
  // Off the axis the face is seen from the side, but it is turned as little as in the middle.
  const HeadPose middle = measured(rotation(10, 5, -3), {0, 0, 600});
  const HeadPose corner = measured(rotation(10, 5, -3), {300, -150, 600});
  EXPECT_NEAR(corner.yaw_deg, middle.yaw_deg, 0.01);
  EXPECT_NEAR(corner.pitch_deg, middle.pitch_deg, 0.01);
  EXPECT_NEAR(corner.roll_deg, middle.roll_deg, 0.01);
}

TEST(HeadPose, DoesNotDependOnTheOriginOfTheDepths) {
  std::vector<Point3<UprightPx>> mesh =
      seen_as_mesh(posed_face(rotation(20, -10, 5), {10, 20, 500}), kCamera);
  const std::optional<HeadPose> before = head_pose(mesh, kCamera);
  for (Point3<UprightPx>& point : mesh)
    point.z += 100;
  const std::optional<HeadPose> after = head_pose(mesh, kCamera);
  ASSERT_TRUE(before && after);
  EXPECT_NEAR(after->yaw_deg, before->yaw_deg, 0.01);
  EXPECT_NEAR(after->translation_mm[2], before->translation_mm[2], 0.1);
}

TEST(HeadPose, HasNoneOfAPoint) {
  const std::vector<Point3<UprightPx>> mesh(kFaceLandmarkCount, {100, 100, 0});
  EXPECT_FALSE(head_pose(mesh, kCamera));
}

TEST(HeadPose, IsFiniteForALine) {
  std::vector<Point3<UprightPx>> mesh(kFaceLandmarkCount);
  for (std::size_t i = 0; i < mesh.size(); ++i)
    mesh[i] = {static_cast<float>(i), 100, 0};
  const std::optional<HeadPose> pose = head_pose(mesh, kCamera);
  if (!pose) return;  // None is as good an answer.
  EXPECT_TRUE(std::isfinite(pose->yaw_deg) && std::isfinite(pose->pitch_deg) &&
              std::isfinite(pose->roll_deg) && std::isfinite(pose->translation_mm[2]));
}

TEST(HeadPose, HasNoneOfNumbersThatAreNotFinite) {
  std::vector<Point3<UprightPx>> mesh =
      seen_as_mesh(posed_face(Eigen::Matrix3d::Identity(), {0, 0, 600}), kCamera);
  mesh[200].z = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(head_pose(mesh, kCamera));
  mesh[200].z = 0;
  EXPECT_FALSE(head_pose(mesh, {0, 0, 640, 360})) << "a camera without a focal length";
}

}  // namespace
}  // namespace retinue
