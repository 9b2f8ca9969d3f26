#include "face/viewing_ray.hpp"

#include <array>

#include <gtest/gtest.h>

#include "face/posed_face.hpp"

namespace retinue {
namespace {

constexpr PinholeCamera<UprightPx> kCamera{
    .focal_x = 1000, .focal_y = 1000, .center_x = 640, .center_y = 360};

/// Errors of single-precision angles.
constexpr double kAngleTolerance = 1e-3;

TEST(ViewingRay, ThroughThePrincipalPointChangesNothing) {
  const ViewingRay ray(kCamera, {640, 360});
  const Direction direction = ray.camera_from_ray(Direction{0.6, 0, -0.8});
  EXPECT_NEAR(direction[0], 0.6, 1e-12);
  EXPECT_NEAR(direction[1], 0, 1e-12);
  EXPECT_NEAR(direction[2], -0.8, 1e-12);
}

TEST(ViewingRay, LookingAlongTheRayIsLookingIntoTheCamera) {
  // 45 degrees to the right of the optical axis: the camera lies to the left of such a face.
  const ViewingRay right(kCamera, {1640, 360});
  EXPECT_NEAR(gaze_direction(right.camera_from_ray(Direction{0, 0, -1})).yaw_deg, -45,
              kAngleTolerance);
  const ViewingRay below(kCamera, {640, 1360});
  EXPECT_NEAR(gaze_direction(below.camera_from_ray(Direction{0, 0, -1})).pitch_deg, 45,
              kAngleTolerance);
}

TEST(ViewingRay, AHeadParallelToTheAxisSeemsTurnedAwayFromTheCamera) {
  const HeadPose seen = ViewingRay(kCamera, {1640, 360}).ray_from_camera({});
  EXPECT_NEAR(seen.yaw_deg, 45, kAngleTolerance);
  EXPECT_NEAR(seen.pitch_deg, 0, kAngleTolerance);
  EXPECT_NEAR(seen.roll_deg, 0, kAngleTolerance);
}

TEST(ViewingRay, ANosePointsTheSameWayInBothAxes) {
  for (const HeadPose& head :
       {HeadPose{10, -20, 30, {}}, HeadPose{-40, 5, -60, {}}, HeadPose{25, 25, 0, {}}}) {
    const ViewingRay ray(kCamera, {1100, 80});
    const HeadPose seen = ray.ray_from_camera(head);
    // Of a pose, yaw and pitch are those before the turn by its roll.
    const Direction nose = ray.camera_from_ray(
        rolled(direction_of({.yaw_deg = seen.yaw_deg, .pitch_deg = seen.pitch_deg}),
               static_cast<double>(seen.roll_deg)));
    const Eigen::Vector3d expected =
        rotation(head.yaw_deg, head.pitch_deg, head.roll_deg) * Eigen::Vector3d(0, 0, -1);
    EXPECT_NEAR(nose[0], expected.x(), 1e-5);
    EXPECT_NEAR(nose[1], expected.y(), 1e-5);
    EXPECT_NEAR(nose[2], expected.z(), 1e-5);
  }
}

TEST(ViewingRay, AHeadComesBackFromItsAxes) {
  const ViewingRay ray(kCamera, {1100, 80});
  for (const HeadPose& head : {HeadPose{10, -20, 30, {1, 2, 3}}, HeadPose{-40, 5, -60, {}}}) {
    const HeadPose back = ray.camera_from_ray(ray.ray_from_camera(head));
    EXPECT_NEAR(back.yaw_deg, head.yaw_deg, kAngleTolerance);
    EXPECT_NEAR(back.pitch_deg, head.pitch_deg, kAngleTolerance);
    EXPECT_NEAR(back.roll_deg, head.roll_deg, kAngleTolerance);
    EXPECT_EQ(back.translation_mm, head.translation_mm);
  }
}

TEST(CameraFromHead, IsTheRotationOfTheContract) {
  const std::array<double, 3> found = camera_from_head({10, -20, 30, {50, 60, 700}}, {1, 2, 3});
  const Eigen::Vector3d expected = rotation(10, -20, 30) * Eigen::Vector3d(1, 2, 3);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(found[i], expected[static_cast<Eigen::Index>(i)], 1e-9);
}

TEST(Rolled, TurnsClockwiseAsSeen) {
  const Direction up = rolled({0, -1, 0}, 90);
  EXPECT_NEAR(up[0], 1, 1e-12) << "up becomes right";
  EXPECT_NEAR(up[1], 0, 1e-12);
}

}  // namespace
}  // namespace retinue
