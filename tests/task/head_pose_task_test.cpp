#include "task/head_pose_task.hpp"

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "face/viewing_ray.hpp"
#include "models/tiny_graph.hpp"
#include "task/analysis_of.hpp"
#include "task/recording_sampler.hpp"
#include "task/tiny_session.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;

/// Outputs in another order than the reader's: as the model has them.
std::shared_ptr<const Session> net() {
  TinyGraph graph;
  graph.input("data", {1, 3, 60, 60}).constant("zero", {1, 1}, {0.0F});
  for (const std::string name : {"angle_r_fc", "angle_p_fc", "angle_y_fc"})
    graph.output(name, {1, 1}).node("Identity", {"zero"}, name);
  return *Session::create("net", graph.bytes());
}

FrameAnalysis two_heads_and_a_face_without() {
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces.resize(3);
  analysis.faces[0].head_pose = HeadPose{1, 2, 3, {10, 20, 600}};
  analysis.faces[2].head_pose = HeadPose{4, 5, 6, {30, 40, 700}};
  analysis.faces[0].box = {100, 120, 60, 80};
  analysis.faces[2].box = {500, 300, 90, 100};
  return analysis;
}

Tensor angle(float degrees) {
  Tensor tensor(ElementType::float32, {1, 1});
  tensor.floats()[0] = degrees;
  return tensor;
}

TEST(HeadPoseNet, AsksAboutEveryFaceThatHasAHead) {
  const std::unique_ptr<Step> step = create_head_pose_net(net()).value();
  EXPECT_EQ(step->request_count(two_heads_and_a_face_without()), 2U);
  EXPECT_EQ(step->request_count(analysis_of({.stored = {640, 480}})), 0U);
}

TEST(HeadPoseNet, SeesTheBoxOfTheFaceInBlueGreenRed) {
  const std::unique_ptr<Step> step = create_head_pose_net(net()).value();
  const FrameAnalysis analysis = two_heads_and_a_face_without();
  RecordingSampler sampler;
  const Tensor input(ElementType::float32, step->input_shape(analysis));
  ASSERT_TRUE(step->prepare(analysis, 1, sampler, input.view()));
  EXPECT_EQ(sampler.asked.channels, ChannelOrder::bgr);
  const Point<UprightPx> corner = sampler.map * Point<TensorPx>{0, 0};
  const Point<UprightPx> opposite = sampler.map * Point<TensorPx>{60, 60};
  EXPECT_NEAR(corner.x, 500, 1e-3);
  EXPECT_NEAR(corner.y, 300, 1e-3);
  EXPECT_NEAR(opposite.x, 590, 1e-3);
  EXPECT_NEAR(opposite.y, 400, 1e-3);
}

TEST(HeadPoseNet, TurnsTheHeadAsTheNetSaysAlongTheRayToTheFaceAndLeavesItWhereItIs) {
  const std::unique_ptr<Step> step = create_head_pose_net(net()).value();
  FrameAnalysis analysis = two_heads_and_a_face_without();
  const Tensor roll = angle(7);
  const Tensor down = angle(-11);
  const Tensor yaw = angle(20);
  ASSERT_TRUE(step->postprocess(analysis, 1, std::vector{roll.view(), down.view(), yaw.view()}));
  const HeadPose& found = *analysis.faces[2].head_pose;
  const ViewingRay ray(analysis.camera, analysis.faces[2].box.center());
  const HeadPose seen = ray.ray_from_camera(found);
  EXPECT_NEAR(seen.yaw_deg, 20, 1e-3);
  EXPECT_NEAR(seen.pitch_deg, 11, 1e-3) << "upwards";
  EXPECT_NEAR(seen.roll_deg, 7, 1e-3);
  EXPECT_GT(std::abs(found.yaw_deg - 20), 5) << "the face is far from the middle";
  EXPECT_EQ(found.translation_mm, (std::array<float, 3>{30, 40, 700}));
  EXPECT_EQ(analysis.faces[0].head_pose->yaw_deg, 1) << "another request's";
}

TEST(HeadPoseNet, WithoutTheThreeAnglesIsRefusedByName) {
  const auto step = create_head_pose_net(session_with_input({1, 3, 60, 60}));
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(step.error().message(), HasSubstr("angle_y_fc"));
}

}  // namespace
}  // namespace retinue
