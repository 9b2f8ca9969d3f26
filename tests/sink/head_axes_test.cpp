#include "sink/head_axes.hpp"

#include <gmock/gmock.h>

namespace retinue {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

auto direction(double x, double y, double z) {
  return ElementsAre(DoubleNear(x, 1e-6), DoubleNear(y, 1e-6), DoubleNear(z, 1e-6));
}

HeadPose turned(float yaw_deg, float pitch_deg, float roll_deg) {
  return {.yaw_deg = yaw_deg, .pitch_deg = pitch_deg, .roll_deg = roll_deg};
}

TEST(HeadAxes, PointAtTheCameraWhenTheFaceLooksIntoIt) {
  const HeadAxes axes = head_axes(turned(0, 0, 0));

  EXPECT_THAT(axes.right, direction(1, 0, 0));
  EXPECT_THAT(axes.down, direction(0, 1, 0));
  EXPECT_THAT(axes.forward, direction(0, 0, -1));
}

TEST(HeadAxes, PointToThePicturesRightForPositiveYaw) {
  const HeadAxes axes = head_axes(turned(90, 0, 0));

  EXPECT_THAT(axes.forward, direction(1, 0, 0));
  EXPECT_THAT(axes.right, direction(0, 0, 1)) << "away from the camera";
}

TEST(HeadAxes, PointUpwardsForPositivePitch) {
  EXPECT_THAT(head_axes(turned(0, 90, 0)).forward, direction(0, -1, 0));
}

TEST(HeadAxes, TurnClockwiseForPositiveRoll) {
  const HeadAxes axes = head_axes(turned(0, 0, 90));

  EXPECT_THAT(axes.right, direction(0, 1, 0)) << "the picture's bottom";
  EXPECT_THAT(axes.down, direction(-1, 0, 0));
  EXPECT_THAT(axes.forward, direction(0, 0, -1));
}

TEST(HeadAxes, AreARightHandedFrameForAnyPose) {
  for (const float yaw : {-80.F, -40.F, 0.F, 40.F, 80.F}) {
    for (const float pitch : {-60.F, -30.F, 0.F, 30.F, 60.F}) {
      for (const float roll : {-170.F, -85.F, 0.F, 85.F, 170.F}) {
        const auto [right, down, forward] = head_axes(turned(yaw, pitch, roll));
        // x × y = z, and forward is -z.
        EXPECT_THAT(forward, direction(right[2] * down[1] - right[1] * down[2],
                                       right[0] * down[2] - right[2] * down[0],
                                       right[1] * down[0] - right[0] * down[1]));
      }
    }
  }
}

}  // namespace
}  // namespace retinue
