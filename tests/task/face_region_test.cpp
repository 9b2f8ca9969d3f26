#include "task/face_region.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace retinue {
namespace {

constexpr double kRightAngle = std::numbers::pi / 2;

/// A face of 100 x 100 pixels around (200, 300), turned clockwise about its middle.
FaceIn<UprightPx> turned_face(double angle_rad) {
  const auto c = static_cast<float>(std::cos(angle_rad));
  const auto s = static_cast<float>(std::sin(angle_rad));
  const auto at = [c, s](float across, float down) {
    return Point<UprightPx>{200 + c * across - s * down, 300 + s * across + c * down};
  };
  FaceIn<UprightPx> face;
  face.box = {150, 250, 100, 100};
  // Right eye, left eye, nose, right and left corner of the mouth.
  face.keypoints = {at(-20, -15), at(20, -15), at(0, 5), at(-15, 25), at(15, 25)};
  return face;
}

TEST(FaceRegion, OfAnUprightFaceIsUprightAndShiftedToTheChin) {
  const RotatedBox<UprightPx> region = face_region(turned_face(0));
  EXPECT_NEAR(region.angle_rad, 0, 1e-6);
  EXPECT_NEAR(region.center.x, 200, 1e-3);
  EXPECT_NEAR(region.center.y, 305, 1e-3);
  EXPECT_NEAR(region.width, 140, 1e-3);
  EXPECT_NEAR(region.height, 140, 1e-3);
}

TEST(FaceRegion, OfAFaceThatLiesOnItsSideIsTurnedAsItIs) {
  // Turned clockwise by a right angle, the chin is at the left.
  const RotatedBox<UprightPx> region = face_region(turned_face(kRightAngle));
  EXPECT_NEAR(region.angle_rad, kRightAngle, 1e-6);
  EXPECT_NEAR(region.center.x, 195, 1e-3);
  EXPECT_NEAR(region.center.y, 300, 1e-3);
}

TEST(FaceRegion, OfAFaceUpsideDownIsUpsideDown) {
  const RotatedBox<UprightPx> region = face_region(turned_face(std::numbers::pi));
  EXPECT_NEAR(std::abs(region.angle_rad), std::numbers::pi, 1e-5);
  EXPECT_NEAR(region.center.y, 295, 1e-3);
}

TEST(FaceRegion, IsASquareAsLargeAsTheBox) {
  FaceIn<UprightPx> face = turned_face(0);
  face.box = {150, 250, 50, 200};
  EXPECT_NEAR(face_region(face).width, 140, 1e-3);
  EXPECT_NEAR(face_region(face).height, 140, 1e-3);
}

TEST(FaceRegion, OfAProfileFollowsTheLineFromEyesToMouth) {
  // Both eyes in one place, as a profile has them: only the other line says how it is turned.
  FaceIn<UprightPx> face = turned_face(0.3);
  face.keypoints[0] = face.keypoints[1] = (face.keypoints[0] + face.keypoints[1]) * 0.5F;
  EXPECT_NEAR(face_region(face).angle_rad, 0.3, 1e-5);
}

TEST(FaceRegion, OfAnEmptyBoxIsEmptyButFinite) {
  FaceIn<UprightPx> face;
  face.box = {10, 20, 0, 0};
  const RotatedBox<UprightPx> region = face_region(face);
  EXPECT_EQ(region.width, 0);
  EXPECT_TRUE(std::isfinite(region.center.x) && std::isfinite(region.angle_rad));
}

/// Landmarks that fill a rectangle, turned clockwise about (200, 300), the eyes' outer corners on
/// its middle line.
FaceIn<UprightPx> turned_landmarks(double angle_rad, float width, float height) {
  const auto c = static_cast<float>(std::cos(angle_rad));
  const auto s = static_cast<float>(std::sin(angle_rad));
  const auto at = [c, s](float across, float down) {
    return Point3<UprightPx>{200 + c * across - s * down, 300 + s * across + c * down, 0};
  };
  FaceIn<UprightPx> face;
  face.landmarks.assign(kFaceLandmarkCount, at(0, 0));
  face.landmarks[0] = at(-width / 2, -height / 2);
  face.landmarks[1] = at(width / 2, height / 2);
  face.landmarks[2] = at(-width / 2, height / 2);
  face.landmarks[3] = at(width / 2, -height / 2);
  face.landmarks[33] = at(-width / 4, 0);
  face.landmarks[263] = at(width / 4, 0);
  return face;
}

class FaceRegionOfLandmarks : public testing::TestWithParam<double> {};

TEST_P(FaceRegionOfLandmarks, IsASquareOfTheLongSideAroundThem) {
  const RotatedBox<UprightPx> tall =
      face_region_of_landmarks(turned_landmarks(GetParam(), 80, 100));
  EXPECT_NEAR(tall.angle_rad, GetParam(), 1e-5);
  EXPECT_NEAR(tall.center.x, 200, 1e-3);
  EXPECT_NEAR(tall.center.y, 300, 1e-3);
  EXPECT_NEAR(tall.width, 125, 1e-2);
  EXPECT_EQ(tall.height, tall.width);
  const RotatedBox<UprightPx> wide =
      face_region_of_landmarks(turned_landmarks(GetParam(), 120, 100));
  EXPECT_NEAR(wide.width, 150, 1e-2);
}

INSTANTIATE_TEST_SUITE_P(Angles, FaceRegionOfLandmarks,
                         testing::Values(0.0, 0.5, kRightAngle, -2.0));

}  // namespace
}  // namespace retinue
