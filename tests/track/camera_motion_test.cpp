#include "track/camera_motion.hpp"

#include <limits>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using FrameBox = Box<FramePx>;
using Motion = Affine<FramePx, FramePx>;

std::vector<FrameBox> some_boxes(std::size_t count = 5) {
  std::mt19937 random(4);
  std::uniform_real_distribution<float> place(0, 1000);
  std::uniform_real_distribution<float> size(40, 90);
  std::vector<FrameBox> boxes;
  for (std::size_t i = 0; i < count; ++i)
    boxes.push_back({place(random), place(random) / 2, size(random), 1.5F * size(random)});
  return boxes;
}

std::vector<FrameBox> moved(const Motion& motion, const std::vector<FrameBox>& boxes,
                            float tremble = 0) {
  std::mt19937 random(5);
  std::normal_distribution<float> noise(0, 1);
  std::vector<FrameBox> out;
  for (const FrameBox& box : boxes) {
    FrameBox seen = bounds(motion, box);
    seen.x += tremble * noise(random);
    seen.y += tremble * noise(random);
    seen.width += tremble * noise(random);
    seen.height += tremble * noise(random);
    out.push_back(seen);
  }
  return out;
}

std::optional<Motion> estimated(const std::vector<FrameBox>& expected,
                                const std::vector<FrameBox>& seen) {
  CameraMotion camera;
  return camera.estimate(expected, seen);
}

constexpr Motion kPan{.x0 = 170, .y0 = -35};
constexpr Motion kZoom{.xx = 1.25, .x0 = -100, .yy = 1.25, .y0 = -60};

TEST(CameraMotion, IsNoneWhereNothingIsSeen) {
  EXPECT_FALSE(estimated({}, {}));
  EXPECT_FALSE(estimated(some_boxes(), {}));
  EXPECT_FALSE(estimated({}, some_boxes()));
}

TEST(CameraMotion, IsNoneWhereTheBoxesAreWhereTheyWereExpected) {
  EXPECT_FALSE(estimated(some_boxes(), some_boxes()));
  EXPECT_FALSE(estimated(some_boxes(), moved({}, some_boxes(), 4)));
}

TEST(CameraMotion, IsNotToldFromOneBox) {
  EXPECT_FALSE(estimated(some_boxes(1), moved(kPan, some_boxes(1))));
}

TEST(CameraMotion, IsFoundFromTwoBoxesOn) {
  for (const std::size_t count : {2U, 3U, 12U, 20U}) {
    for (const Motion& motion : {kPan, kZoom}) {
      const auto found = estimated(some_boxes(count), moved(motion, some_boxes(count)));
      ASSERT_TRUE(found) << count;
      EXPECT_NEAR(found->xx, motion.xx, 1e-3);
      EXPECT_NEAR(found->yy, motion.yy, 1e-3);
      EXPECT_NEAR(found->x0, motion.x0, 0.2);
      EXPECT_NEAR(found->y0, motion.y0, 0.2);
    }
  }
}

TEST(CameraMotion, IsFoundInSpiteOfTrembleAndABoxThatGoesItsOwnWay) {
  std::vector<FrameBox> seen = moved(kPan, some_boxes(), 2);
  seen[1].x -= 300;
  const auto found = estimated(some_boxes(), seen);
  ASSERT_TRUE(found);
  // Where the middle of the boxes goes: scale and translation tremble against each other.
  const Point<FramePx> middle = {500, 250};
  EXPECT_LT(distance(*found * middle, kPan * middle), 12);
}

TEST(CameraMotion, IsNoneWhereEverybodyGoesTheirOwnWay) {
  const std::vector<FrameBox> expected = {
      {0, 0, 50, 100}, {300, 0, 50, 100}, {600, 0, 50, 100}, {900, 0, 50, 100}};
  const std::vector<FrameBox> seen = {
      {90, 0, 50, 100}, {205, 60, 50, 100}, {645, 120, 50, 100}, {825, -110, 50, 100}};
  EXPECT_FALSE(estimated(expected, seen));
}

TEST(CameraMotion, PassesOverBoxesThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<FrameBox> seen = moved(kPan, some_boxes());
  seen.insert(seen.begin(), {{nan, 0, 10, 10}, {0, 0, 1e30F, 1e30F}, {0, 0, 10, nan}});
  EXPECT_TRUE(estimated(some_boxes(), seen));
  EXPECT_FALSE(estimated({{nan, nan, nan, nan}, {0, 0, nan, 1}}, seen));
}

TEST(CameraMotion, DependsOnTheBoxesOfThisCallAlone) {
  CameraMotion camera;
  camera.estimate(some_boxes(20), moved(kZoom, some_boxes(20)));
  EXPECT_EQ(camera.estimate(some_boxes(), moved(kPan, some_boxes(), 1)),
            estimated(some_boxes(), moved(kPan, some_boxes(), 1)));
}

}  // namespace
}  // namespace retinue
