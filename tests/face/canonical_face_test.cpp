#include "face/canonical_face.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(CanonicalFace, HasMediaPipes33BasisLandmarks) {
  const auto& face = canonical_face();
  EXPECT_EQ(std::ranges::count_if(face, [](const auto& p) { return p.basis_weight > 0; }), 33);
  float sum = 0;
  for (const CanonicalLandmark& landmark : face)
    sum += landmark.basis_weight;
  EXPECT_NEAR(sum, 1.055F, 0.001F);
}

TEST(CanonicalFace, LooksIntoTheCamera) {
  constexpr std::size_t kNoseTip = 1;
  constexpr std::size_t kForehead = 10;
  constexpr std::size_t kChin = 152;
  constexpr std::size_t kRightEyeOuterCorner = 33;
  constexpr std::size_t kLeftEyeOuterCorner = 263;
  const auto& face = canonical_face();
  const auto* const nearest = std::ranges::min_element(face, {}, &CanonicalLandmark::z_mm);
  EXPECT_LT(face[kNoseTip].z_mm - nearest->z_mm, 2) << "the nose is nearest";
  EXPECT_LT(face[kForehead].y_mm, 0) << "y grows downwards";
  EXPECT_GT(face[kChin].y_mm, 0);
  EXPECT_LT(face[kRightEyeOuterCorner].x_mm, 0) << "the person's right is on the picture's left";
  EXPECT_GT(face[kLeftEyeOuterCorner].x_mm, 0);
}

TEST(CanonicalFace, IsAsWideAsAHead) {
  const auto [left, right] =
      std::ranges::minmax_element(canonical_face(), {}, &CanonicalLandmark::x_mm);
  EXPECT_NEAR(right->x_mm - left->x_mm, 155, 10) << "millimetres";
}

TEST(CanonicalFace, IsSymmetric) {
  for (const CanonicalLandmark& landmark : canonical_face()) {
    EXPECT_TRUE(std::ranges::any_of(canonical_face(),
                                    [&landmark](const CanonicalLandmark& other) {
                                      return std::abs(other.x_mm + landmark.x_mm) < 0.01F &&
                                             std::abs(other.y_mm - landmark.y_mm) < 0.01F &&
                                             std::abs(other.z_mm - landmark.z_mm) < 0.01F &&
                                             other.basis_weight == landmark.basis_weight;
                                    }))
        << landmark.x_mm << ' ' << landmark.y_mm;
  }
}

}  // namespace
}  // namespace retinue
