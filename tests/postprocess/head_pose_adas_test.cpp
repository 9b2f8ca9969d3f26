#include "postprocess/head_pose_adas.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tensor/views_of.hpp"

namespace retinue {
namespace {

/// As the model has them: roll, pitch downwards, yaw.
class Angles {
 public:
  Angles(float roll_deg, float down_deg, float yaw_deg) {
    for (const float degrees : {roll_deg, down_deg, yaw_deg})
      tensors_.emplace_back(ElementType::float32, Shape{1, 1}).floats()[0] = degrees;
  }

  std::vector<TensorView> views() const { return views_of(tensors_); }

 private:
  std::vector<Tensor> tensors_;
};

constexpr HeadPoseAdasOrder kOrder{2, 1, 0};

TEST(HeadPoseAdas, HasTheSignsOfTheContract) {
  const Result<HeadPose> head = read_head_pose_adas(Angles(3, 20, -10).views(), kOrder);
  ASSERT_TRUE(head) << head.error().message();
  EXPECT_EQ(head->yaw_deg, -10);
  EXPECT_EQ(head->pitch_deg, -20);
  EXPECT_EQ(head->roll_deg, 3);
}

TEST(HeadPoseAdas, WithAnAngleThatIsNotFiniteIsAnError) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Result<HeadPose> head = read_head_pose_adas(Angles(0, nan, 0).views(), kOrder);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code(), ErrorCode::corrupt_input);
}

TEST(HeadPoseAdas, WithOtherOutputsIsRefused) {
  const Angles angles(0, 0, 0);
  const std::vector<TensorView> views = angles.views();
  EXPECT_FALSE(read_head_pose_adas(std::span(views).first(2), kOrder));
  const Tensor pair(ElementType::float32, {1, 2});
  EXPECT_FALSE(read_head_pose_adas(std::vector{views[0], pair.view(), views[2]}, kOrder));
}

}  // namespace
}  // namespace retinue
