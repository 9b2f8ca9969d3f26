#include "postprocess/blendshapes.hpp"

#include <limits>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

/// Landmark i at (i, -i).
std::vector<Point3<UprightPx>> numbered_landmarks(std::size_t count = kFaceLandmarkCount) {
  std::vector<Point3<UprightPx>> landmarks;
  for (std::size_t i = 0; i < count; ++i)
    landmarks.push_back({static_cast<float>(i), -static_cast<float>(i), 1000});
  return landmarks;
}

Tensor coefficients(float value, const Shape& shape = {1, 52}) {
  Tensor tensor(ElementType::float32, shape);
  for (float& element : tensor.floats())
    element = value;
  return tensor;
}

TEST(WriteBlendshapeLandmarks, WritesXAndYOf146DifferentLandmarksInRisingOrder) {
  const Tensor input(ElementType::float32, {1, 146, 2});
  ASSERT_TRUE(write_blendshape_landmarks(numbered_landmarks(), input.view()));
  std::vector<float> indices;
  for (std::size_t i = 0; i < kBlendshapeLandmarkCount; ++i) {
    indices.push_back(input.floats()[2 * i]);
    EXPECT_EQ(input.floats()[2 * i + 1], -indices.back());
  }
  EXPECT_TRUE(std::ranges::is_sorted(indices));
  EXPECT_EQ(std::set<float>(indices.begin(), indices.end()).size(), kBlendshapeLandmarkCount);
}

TEST(WriteBlendshapeLandmarks, RefusesAnotherNumberOfLandmarks) {
  const Tensor input(ElementType::float32, {1, 146, 2});
  for (const std::size_t count : {0UL, 468UL}) {
    const Result<void> done = write_blendshape_landmarks(numbered_landmarks(count), input.view());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(done.error().message(), HasSubstr("found " + std::to_string(count)));
  }
}

TEST(WriteBlendshapeLandmarks, RefusesAnotherInput) {
  for (const Tensor& input :
       {Tensor(ElementType::float32, {1, 146, 3}), Tensor(ElementType::float32, {2, 146, 2}),
        Tensor(ElementType::float16, {1, 146, 2})}) {
    const Result<void> done = write_blendshape_landmarks(numbered_landmarks(), input.view());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument);
  }
}

TEST(ReadBlendshapes, KeepsTheOrder) {
  const Tensor output = coefficients(0);
  output.floats()[0] = 0.25F;
  output.floats()[51] = 0.75F;
  const Result<Blendshapes> blendshapes = read_blendshapes(output.view());
  ASSERT_TRUE(blendshapes);
  EXPECT_EQ(blendshapes->front(), 0.25F);
  EXPECT_EQ(blendshapes->back(), 0.75F);
}

TEST(ReadBlendshapes, ClampsToTheirRange) {
  for (const float value : {-0.01F, 1.01F}) {
    const Result<Blendshapes> blendshapes = read_blendshapes(coefficients(value).view());
    ASSERT_TRUE(blendshapes);
    EXPECT_THAT(*blendshapes, Each(AllOf(Ge(0), Le(1))));
  }
}

TEST(ReadBlendshapes, RefusesAnotherNumber) {
  const Result<Blendshapes> blendshapes = read_blendshapes(coefficients(0, {1, 51}).view());
  ASSERT_FALSE(blendshapes);
  EXPECT_EQ(blendshapes.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(blendshapes.error().message(), HasSubstr("[1,51]"));
}

TEST(ReadBlendshapes, RefusesNumbersThatAreNotFloats) {
  const Result<Blendshapes> blendshapes =
      read_blendshapes(Tensor(ElementType::int64, {1, 52}).view());
  ASSERT_FALSE(blendshapes);
  EXPECT_EQ(blendshapes.error().code(), ErrorCode::invalid_argument);
}

TEST(ReadBlendshapes, RefusesNumbersThatAreNotFinite) {
  const Tensor output = coefficients(0);
  output.floats()[51] = std::numeric_limits<float>::quiet_NaN();
  const Result<Blendshapes> blendshapes = read_blendshapes(output.view());
  ASSERT_FALSE(blendshapes);
  EXPECT_EQ(blendshapes.error().code(), ErrorCode::corrupt_input);
}

}  // namespace
}  // namespace retinue
