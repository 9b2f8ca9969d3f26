#include "geometry/affine.hpp"

#include <numbers>

#include <gtest/gtest.h>

namespace retinue {
namespace {

constexpr auto kPi = static_cast<float>(std::numbers::pi);

template <typename Space>
void expect_near(Point<Space> actual, Point<Space> expected) {
  EXPECT_NEAR(actual.x, expected.x, 1e-4F);
  EXPECT_NEAR(actual.y, expected.y, 1e-4F);
}

constexpr Affine<FramePx, TensorPx> kSkewed{
    .xx = 1.5, .xy = -0.25, .x0 = 10, .yx = 0.5, .yy = 2, .y0 = -7};

TEST(Affine, MapsAPoint) {
  expect_near(kSkewed * Point<TensorPx>{4, 8}, {1.5F * 4 - 0.25F * 8 + 10, 0.5F * 4 + 2 * 8 - 7});
}

TEST(Affine, ItsInverseUndoesIt) {
  const Point<TensorPx> point{12, -3};
  expect_near(kSkewed.inverse() * (kSkewed * point), point);
}

TEST(Affine, ACompositionAppliesTheRightHandMapFirst) {
  const Affine<UprightPx, FramePx> doubled{.xx = 2, .yy = 2};
  const Affine<FramePx, TensorPx> moved{.x0 = 5};
  expect_near((doubled * moved) * Point<TensorPx>{1, 1}, {12, 2});
  expect_near(doubled * (moved * Point<TensorPx>{1, 1}), {12, 2});
}

TEST(Affine, ScaleIsTheRootOfTheChangeOfArea) {
  EXPECT_DOUBLE_EQ((Affine<FramePx, TensorPx>{.xx = 4, .yy = 9}.scale()), 6);
  EXPECT_DOUBLE_EQ((Affine<FramePx, TensorPx>{.xx = -2, .yy = 2}.scale()), 2);
}

TEST(Similarity, TurnsClockwiseAsSeen) {
  const Similarity<FramePx, TensorPx> quarter{.scale = 2, .angle_rad = std::numbers::pi / 2};
  expect_near(quarter * Point<TensorPx>{1, 0}, {0, 2});  // Right becomes down.
  expect_near(quarter * Point<TensorPx>{0, 1}, {-2, 0});
}

TEST(RegionFromTensor, PutsCornersOnCorners) {
  const RotatedBox<UprightPx> roi{{50, 40}, 20, 10};
  const auto map = region_from_tensor(roi, {200, 50});
  expect_near(map * Point<TensorPx>{0, 0}, {40, 35});
  expect_near(map * Point<TensorPx>{200, 50}, {60, 45});
  expect_near(map * Point<TensorPx>{100, 25}, {50, 40});
}

TEST(RegionFromTensor, TurnsAboutTheCentreOfTheRegion) {
  const RotatedBox<UprightPx> roi{{50, 40}, 20, 10, kPi / 2};
  const auto map = region_from_tensor(roi, {200, 50});
  expect_near(map * Point<TensorPx>{100, 25}, {50, 40});
  expect_near(map * Point<TensorPx>{0, 0}, {55, 30});    // Top left goes to the top right.
  expect_near(map * Point<TensorPx>{200, 0}, {55, 50});  // Top right to the bottom right.
}

TEST(Bounds, EncloseATurnedBoxTightly) {
  const Similarity<FramePx, TensorPx> eighth{.angle_rad = std::numbers::pi / 4};
  const Box<FramePx> box = bounds(eighth.affine(), Box<TensorPx>{-1, -1, 2, 2});
  EXPECT_NEAR(box.width, 2 * std::numbers::sqrt2, 1e-5);
  EXPECT_NEAR(box.x, -std::numbers::sqrt2, 1e-5);
  EXPECT_NEAR(box.y, -std::numbers::sqrt2, 1e-5);
}

TEST(Bounds, OfAMirroredBoxHavePositiveSize) {
  const Affine<FramePx, TensorPx> mirrored{.xx = -1, .x0 = 100};
  EXPECT_EQ(bounds(mirrored, Box<TensorPx>{10, 20, 30, 40}), (Box<FramePx>{60, 20, 30, 40}));
}

}  // namespace
}  // namespace retinue
