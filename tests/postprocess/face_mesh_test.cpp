#include "postprocess/face_mesh.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "perception/face.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;

/// Landmark i at (i, 2i, -i).
Tensor numbered_points(const Shape& shape = {1, 1, 1, 1434}) {
  Tensor points(ElementType::float32, shape);
  for (std::size_t i = 0; i < kFaceLandmarkCount && 3 * i + 2 < points.floats().size(); ++i) {
    points.floats()[3 * i] = static_cast<float>(i);
    points.floats()[3 * i + 1] = static_cast<float>(2 * i);
    points.floats()[3 * i + 2] = -static_cast<float>(i);
  }
  return points;
}

Tensor logit(float value, const Shape& shape = {1, 1, 1, 1}) {
  Tensor tensor(ElementType::float32, shape);
  for (float& element : tensor.floats())
    element = value;
  return tensor;
}

TEST(FaceMesh, ReadsTheLandmarksInTheirOrder) {
  const Result<FaceMesh> mesh = face_mesh(numbered_points().view(), logit(0).view());
  ASSERT_TRUE(mesh) << mesh.error().message();
  ASSERT_EQ(mesh->landmarks.size(), kFaceLandmarkCount);
  EXPECT_EQ(mesh->landmarks[0], (Point3<TensorPx>{0, 0, 0}));
  EXPECT_EQ(mesh->landmarks[477], (Point3<TensorPx>{477, 954, -477}));
}

TEST(FaceMesh, PresenceIsTheLogitsProbability) {
  const auto presence = [](float value) {
    return face_mesh(numbered_points().view(), logit(value).view())->presence;
  };
  EXPECT_FLOAT_EQ(presence(0), 0.5F);
  EXPECT_FLOAT_EQ(presence(2), 0.880797F);
  EXPECT_FLOAT_EQ(presence(1000), 1);
  EXPECT_FLOAT_EQ(presence(-1000), 0);
}

TEST(FaceMesh, TakesAnyShapeOfTheRightSize) {
  EXPECT_TRUE(face_mesh(numbered_points({1, 478, 3}).view(), logit(0, {1}).view()));
}

TEST(FaceMesh, RefusesOutputsOfOtherSizes) {
  for (const auto& [points, presence] :
       {std::pair{Shape{1, 1404}, Shape{1, 1}}, std::pair{Shape{2, 1434}, Shape{1, 1}},
        std::pair{Shape{1, 1434}, Shape{1, 2}}}) {
    const Result<FaceMesh> mesh =
        face_mesh(numbered_points(points).view(), logit(0, presence).view());
    ASSERT_FALSE(mesh);
    EXPECT_EQ(mesh.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(mesh.error().message(), HasSubstr(to_string(points)));
  }
}

TEST(FaceMesh, RefusesOutputsThatAreNotFloats) {
  const Tensor points(ElementType::float16, {1, 1434});
  const Result<FaceMesh> mesh = face_mesh(points.view(), logit(0).view());
  ASSERT_FALSE(mesh);
  EXPECT_EQ(mesh.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(mesh.error().message(), HasSubstr("float16"));
}

TEST(FaceMesh, RefusesNumbersThatAreNotFinite) {
  const Tensor points = numbered_points();
  points.floats()[1433] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(face_mesh(points.view(), logit(0).view()).error().code(), ErrorCode::corrupt_input);
  const Tensor nan = logit(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(face_mesh(numbered_points().view(), nan.view()).error().code(),
            ErrorCode::corrupt_input);
}

}  // namespace
}  // namespace retinue
