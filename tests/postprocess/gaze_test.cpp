#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "postprocess/gaze_adas.hpp"
#include "postprocess/gaze_appearance.hpp"

namespace retinue {
namespace {

Tensor tensor_of(const std::vector<float>& values) {
  Tensor tensor(ElementType::float32, {1, static_cast<std::int64_t>(values.size())});
  std::ranges::copy(values, tensor.floats().begin());
  return tensor;
}

void expect_gaze(const Result<Direction>& found, float yaw_deg, float pitch_deg) {
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_NEAR(gaze_direction(*found).yaw_deg, yaw_deg, 1e-3);
  EXPECT_NEAR(gaze_direction(*found).pitch_deg, pitch_deg, 1e-3);
}

/// All weight on the two bins around `bin`, as linear interpolation has it.
std::vector<float> logits_around(std::size_t bins, float bin) {
  std::vector<float> logits(bins, -100);
  const float share = bin - std::floor(bin);
  logits[static_cast<std::size_t>(bin)] = std::log(1 - share);
  if (share > 0) logits[static_cast<std::size_t>(bin) + 1] = std::log(share);
  return logits;
}

TEST(GazeAdas, TakesPitchDownwardsAndNoRoll) {
  const Tensor input(ElementType::float32, {1, 3});
  ASSERT_TRUE(
      write_gaze_adas_angles({.yaw_deg = 12, .pitch_deg = 7, .roll_deg = 30}, input.view()));
  EXPECT_EQ(input.floats()[0], 12);
  EXPECT_EQ(input.floats()[1], -7);
  EXPECT_EQ(input.floats()[2], 0);
}

TEST(GazeAdas, AnswersWithYUpwardsAtAnyLength) {
  expect_gaze(read_gaze_adas(tensor_of({0, 0, -3}).view()), 0, 0);
  expect_gaze(read_gaze_adas(tensor_of({2, 0, -2}).view()), 45, 0);
  expect_gaze(read_gaze_adas(tensor_of({0, 0.5F, -0.5F}).view()), 0, 45);
}

TEST(GazeAdas, RefusesWhatIsNoVector) {
  for (const std::vector<float>& values :
       {std::vector<float>{0, 0, 0}, {0, std::numeric_limits<float>::quiet_NaN(), -1}}) {
    const Result<Direction> found = read_gaze_adas(tensor_of(values).view());
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), ErrorCode::corrupt_input);
  }
  EXPECT_EQ(read_gaze_adas(tensor_of({0, 1}).view()).error().code(), ErrorCode::invalid_argument);
  EXPECT_FALSE(write_gaze_adas_angles({}, tensor_of({0, 1}).view()));
}

TEST(GazeBins, AreExpectationsOfFourDegreesFromMinus180) {
  // Bin 45 stands for 0 degrees; the net's yaw to the left is ours to the right.
  const auto gaze = [](float yaw_bin, float pitch_bin) {
    return read_gaze_bins(tensor_of(logits_around(90, yaw_bin)).view(),
                          tensor_of(logits_around(90, pitch_bin)).view());
  };
  expect_gaze(gaze(45, 45), 0, 0);
  expect_gaze(gaze(50, 45), -20, 0);
  expect_gaze(gaze(42.5F, 45), 10, 0);
  expect_gaze(gaze(45, 47.25F), 0, 9);
}

TEST(GazeBins, AreExpectationsOfThreeDegreesFromMinus42) {
  expect_gaze(read_gaze_bins(tensor_of(logits_around(28, 14)).view(),
                             tensor_of(logits_around(28, 10)).view()),
              0, -12);
  expect_gaze(read_gaze_bins(tensor_of(logits_around(28, 17.5F)).view(),
                             tensor_of(logits_around(28, 14)).view()),
              -10.5F, 0);
}

TEST(GazeBins, StayFiniteForLargeLogits) {
  std::vector<float> logits(90, -3e38F);
  logits[45] = 3e38F;
  expect_gaze(read_gaze_bins(tensor_of(logits).view(), tensor_of(logits).view()), 0, 0);
}

TEST(GazeBins, RefuseOtherCounts) {
  for (const auto& [yaw, pitch] : {std::pair{90U, 28U}, {28U, 90U}, {66U, 66U}}) {
    const Result<Direction> found = read_gaze_bins(tensor_of(std::vector<float>(yaw)).view(),
                                                   tensor_of(std::vector<float>(pitch)).view());
    ASSERT_FALSE(found) << yaw << ' ' << pitch;
    EXPECT_EQ(found.error().code(), ErrorCode::invalid_argument);
  }
}

constexpr float kRad = std::numbers::pi_v<float> / 180;

TEST(GazeAngles, ArePitchThenYawToTheLeft) {
  expect_gaze(read_gaze_angles(tensor_of({0, 0}).view()), 0, 0);
  expect_gaze(read_gaze_angles(tensor_of({10 * kRad, 25 * kRad}).view()), -25, 10);
}

TEST(Gaze360, IsYawToTheLeftThenPitchAndAnUncertaintyThatIsNotUsed) {
  expect_gaze(read_gaze360(tensor_of({25 * kRad, 10 * kRad, 0.1F}).view()), -25, 10);
  expect_gaze(read_gaze360(tensor_of({25 * kRad, 10 * kRad, 3}).view()), -25, 10);
}

TEST(GazeAngles, RefuseOtherCountsAndNumbersThatAreNotFinite) {
  EXPECT_FALSE(read_gaze_angles(tensor_of({1, 2, 3}).view()));
  EXPECT_FALSE(read_gaze360(tensor_of({1, 2}).view()));
  const float infinity = std::numeric_limits<float>::infinity();
  const Result<Direction> found = read_gaze_angles(tensor_of({infinity, 0}).view());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::corrupt_input);
}

}  // namespace
}  // namespace retinue
