#include "face/arcface_alignment.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using Keypoints = std::array<Point<UprightPx>, kFaceKeypointCount>;

/// InsightFace's template, in pixel centres of 112 x 112.
constexpr std::array<std::array<float, 2>, kFaceKeypointCount> kTemplate = {{{38.2946F, 51.6963F},
                                                                             {73.5318F, 51.5014F},
                                                                             {56.0252F, 71.7366F},
                                                                             {41.5493F, 92.3655F},
                                                                             {70.7299F, 92.2041F}}};

/// The template's points as a similarity shows them.
Keypoints seen_through(const Similarity<UprightPx, TensorPx>& similarity) {
  Keypoints keypoints;
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    keypoints[i] = similarity * Point<TensorPx>{kTemplate[i][0] + 0.5F, kTemplate[i][1] + 0.5F};
  }
  return keypoints;
}

void expect_same(const Affine<UprightPx, TensorPx>& found,
                 const Affine<UprightPx, TensorPx>& expected) {
  for (const Point<TensorPx> corner :
       {Point<TensorPx>{0, 0}, Point<TensorPx>{112, 0}, Point<TensorPx>{30, 112}}) {
    EXPECT_NEAR((found * corner).x, (expected * corner).x, 1e-2);
    EXPECT_NEAR((found * corner).y, (expected * corner).y, 1e-2);
  }
}

TEST(ArcfaceAlignment, UndoesWhateverSimilarityTheFaceWasSeenThrough) {
  for (const double angle_rad : {0.0, 0.5, -2.0, std::numbers::pi}) {
    for (const double scale : {0.2, 1.0, 7.5}) {
      const Similarity<UprightPx, TensorPx> seen{
          .scale = scale, .angle_rad = angle_rad, .x0 = 300, .y0 = -40};
      expect_same(picture_from_arcface(seen_through(seen), {112, 112}), seen.affine());
    }
  }
}

TEST(ArcfaceAlignment, ScalesWithTheModelsInput) {
  const Similarity<UprightPx, TensorPx> seen{.scale = 3, .angle_rad = 0.3, .x0 = 10, .y0 = 20};
  const Affine<UprightPx, TensorPx> map = picture_from_arcface(seen_through(seen), {224, 224});
  const Point<UprightPx> found = map * Point<TensorPx>{224, 112};
  const Point<UprightPx> expected = seen * Point<TensorPx>{112, 56};
  EXPECT_NEAR(found.x, expected.x, 1e-2);
  EXPECT_NEAR(found.y, expected.y, 1e-2);
}

/// Squared distances of the keypoints from the template, in the aligned picture.
double distance(const Affine<UprightPx, TensorPx>& map, const Keypoints& keypoints) {
  double sum = 0;
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    const Point<TensorPx> at = map.inverse() * keypoints[i];
    const auto dx = static_cast<double>(at.x - kTemplate[i][0] - 0.5F);
    const auto dy = static_cast<double>(at.y - kTemplate[i][1] - 0.5F);
    sum += dx * dx + dy * dy;
  }
  return sum;
}

TEST(ArcfaceAlignment, NoSimilarityNearbyFitsBetter) {
  // A face turned aside: no similarity of the template.
  const Keypoints keypoints = {{{40, 50}, {60, 52}, {66, 70}, {44, 93}, {58, 90}}};
  const Affine<UprightPx, TensorPx> best = picture_from_arcface(keypoints, {112, 112});
  const double least = distance(best, keypoints);
  for (const double scale : {0.98, 1.0, 1.02}) {
    for (const double angle_rad : {-0.02, 0.0, 0.02}) {
      for (const double shift : {-1.0, 0.0, 1.0}) {
        const Similarity<TensorPx, TensorPx> nudge{
            .scale = scale, .angle_rad = angle_rad, .x0 = shift, .y0 = -shift};
        // A nudge back and forth rounds the points to floats.
        EXPECT_GE(distance(best * nudge.affine(), keypoints), least - 1e-3);
      }
    }
  }
}

TEST(ArcfaceAlignment, IsNeverSingular) {
  // All in one place, and on a line that no turn likes better than another.
  const Keypoints points = {{{5, 6}, {5, 6}, {5, 6}, {5, 6}, {5, 6}}};
  const Keypoints mirrored = {{{73, 52}, {38, 52}, {56, 72}, {71, 92}, {42, 92}}};
  for (const Keypoints& keypoints : {points, mirrored, Keypoints{}}) {
    const Affine<UprightPx, TensorPx> map = picture_from_arcface(keypoints, {112, 112});
    EXPECT_TRUE(std::isnormal(map.determinant()));
    EXPECT_TRUE(std::isfinite(map.x0) && std::isfinite(map.y0));
  }
}

}  // namespace
}  // namespace retinue
