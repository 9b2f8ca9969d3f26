#include "geometry/camera.hpp"

#include <numbers>

#include <gtest/gtest.h>

#include "geometry/space.hpp"

namespace retinue {
namespace {

TEST(PinholeCamera, AFieldOfViewOfARightAngleHasAFocalLengthOfHalfTheWidth) {
  const auto camera =
      PinholeCamera<UprightPx>::from_field_of_view({0, 0, 1280, 720}, std::numbers::pi / 2);
  EXPECT_NEAR(camera.focal_x, 640, 1e-9);
  EXPECT_EQ(camera.focal_x, camera.focal_y);
  EXPECT_EQ(camera.center_x, 640);
  EXPECT_EQ(camera.center_y, 360);
}

}  // namespace
}  // namespace retinue
