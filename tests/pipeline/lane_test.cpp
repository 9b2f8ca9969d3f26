#include "pipeline/lane.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/pipeline_rig.hpp"
#include "task/tiny_session.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// Requests of a session that gives back what it gets: request n carries the number n, and each
/// answer becomes a face of that score.
class EchoStep final : public Step {
 public:
  EchoStep(std::shared_ptr<const Session> session, std::size_t requests, std::size_t batch_limit)
      : session_(std::move(session)), requests_(requests), batch_limit_(batch_limit) {}

  std::string_view name() const override { return "echo"; }
  const Session* session() const override { return session_.get(); }
  std::size_t batch_limit() const override { return batch_limit_; }
  std::size_t request_count(const FrameAnalysis&) const override { return requests_; }
  Shape input_shape(const FrameAnalysis&) const override { return {1, 2}; }

  Result<void> prepare(const FrameAnalysis&, std::size_t request, Sampler&,
                       TensorView input) const override {
    if (request == failing_request) return fail(ErrorCode::internal, "request failed");
    input.floats()[0] = input.floats()[1] = static_cast<float>(request);
    return {};
  }
  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    for (const TensorView& output : outputs) {
      EXPECT_EQ(output.floats()[1], static_cast<float>(request));
    }
    FaceIn<UprightPx> face;
    face.score = outputs.back().floats()[0];
    analysis.faces.push_back(face);
    return {};
  }

  std::size_t failing_request = 1000;

 private:
  std::shared_ptr<const Session> session_;
  std::size_t requests_;
  std::size_t batch_limit_;
};

/// Remembers how many rows each input had.
class RowCounter final : public InputObserver {
 public:
  void observe(const Step&, std::span<const TensorView> inputs) override {
    rows.push_back(inputs[0].shape[0]);
  }
  std::vector<std::int64_t> rows;
};

/// A lane over one step.
struct LaneOfOne {
  explicit LaneOfOne(std::unique_ptr<Step> step, const CameraSettings& camera = {}) {
    steps.push_back(std::move(step));
    lane = std::make_unique<Lane>(
        LaneSettings{.steps = steps, .camera = camera, .stages = &stages, .observer = &observer},
        std::make_unique<RecordingSampler>());
  }

  std::vector<std::unique_ptr<Step>> steps;
  StageTable stages;
  RowCounter observer;
  std::unique_ptr<Lane> lane;
};

std::vector<float> scores_of(const AnalysedFrame& analysed) {
  std::vector<float> scores;
  for (const Face& face : analysed.faces)
    scores.push_back(face.score);
  return scores;
}

LaneOfOne echo(std::size_t requests, std::size_t batch_limit) {
  return LaneOfOne(std::make_unique<EchoStep>(session_with_input({0, 2}), requests, batch_limit));
}

TEST(Lane, AFrameWithoutRequestsRunsNoModel) {
  const LaneOfOne rig = echo(0, 4);
  const AnalysedFrame analysed = rig.lane->analyse(numbered_frame(3));
  EXPECT_FALSE(analysed.error);
  EXPECT_THAT(analysed.faces, IsEmpty());
  EXPECT_THAT(rig.observer.rows, IsEmpty());
  EXPECT_EQ(analysed.frame.times().index, 3U);
}

TEST(Lane, GroupsRequestsUpToTheBatchLimit) {
  const LaneOfOne rig = echo(5, 2);
  EXPECT_THAT(scores_of(rig.lane->analyse(numbered_frame(0))), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(rig.observer.rows, ElementsAre(2, 2, 1));
}

TEST(Lane, TheSizeOfAGroupDoesNotChangeTheAnswer) {
  for (const std::size_t limit : {0UL, 1UL, 3UL, 100UL}) {
    EXPECT_THAT(scores_of(echo(5, limit).lane->analyse(numbered_frame(0))),
                ElementsAre(0, 1, 2, 3, 4))
        << limit;
  }
}

/// Two inputs that are added: request n puts n into the first and 100 into the second.
class TwoInputStep final : public Step {
 public:
  TwoInputStep() {
    TinyGraph graph;
    graph.input("a", {1, 2})
        .input("b", {1, 2})
        .output("sum", {1, 2})
        .node("Add", {"a", "b"}, "sum");
    session_ = *Session::create("sum", graph.bytes());
  }

  std::string_view name() const override { return "sum"; }
  const Session* session() const override { return session_.get(); }
  std::size_t request_count(const FrameAnalysis&) const override { return 3; }
  Shape input_shape(const FrameAnalysis&) const override { return shape_; }
  std::span<const Shape> further_input_shapes() const override { return {&shape_, 1}; }

  Result<void> prepare_inputs(const FrameAnalysis&, std::size_t request, Sampler&,
                              std::span<const TensorView> inputs) const override {
    EXPECT_EQ(inputs.size(), 2U);
    std::ranges::fill(inputs[0].floats(), static_cast<float>(request));
    std::ranges::fill(inputs[1].floats(), 100.0F);
    return {};
  }
  Result<void> postprocess(FrameAnalysis& analysis, std::size_t,
                           std::span<const TensorView> outputs) const override {
    FaceIn<UprightPx> face;
    face.score = outputs[0].floats()[1];
    analysis.faces.push_back(face);
    return {};
  }

 private:
  std::shared_ptr<const Session> session_;
  Shape shape_{1, 2};
};

TEST(Lane, FillsAllInputsOfASession) {
  const LaneOfOne rig(std::make_unique<TwoInputStep>());
  EXPECT_THAT(scores_of(rig.lane->analyse(numbered_frame(0))), ElementsAre(100, 101, 102));
}

TEST(Lane, TakesModelsWithManyOutputs) {
  constexpr int kOutputs = 20;
  TinyGraph graph;
  graph.input("x", {1, 2});
  for (int i = 0; i < kOutputs; ++i) {
    const std::string name = "y" + std::to_string(i);
    graph.output(name, {1, 2}).node("Identity", {"x"}, name);
  }
  std::shared_ptr<const Session> session = *Session::create("many", graph.bytes());
  const LaneOfOne rig(std::make_unique<EchoStep>(session, 2, 1));
  const AnalysedFrame analysed = rig.lane->analyse(numbered_frame(0));
  EXPECT_FALSE(analysed.error) << analysed.error->message();
  EXPECT_THAT(scores_of(analysed), ElementsAre(0, 1));
}

TEST(Lane, CountsTheTimeOfTheStepAndOfTheWorkAroundIt) {
  LaneOfOne rig = echo(5, 2);
  rig.lane->analyse(numbered_frame(0));
  EXPECT_EQ(rig.stages.stage("echo").calls(), 3);
  EXPECT_EQ(rig.stages.stage("preprocess").calls(), 3);
  EXPECT_EQ(rig.stages.stage("postprocess").calls(), 3);
}

TEST(Lane, AStepsErrorIsPartOfTheAnswer) {
  auto step = std::make_unique<EchoStep>(session_with_input({0, 2}), 3, 1);
  step->failing_request = 2;
  const LaneOfOne rig(std::move(step));
  const AnalysedFrame analysed = rig.lane->analyse(numbered_frame(8));
  ASSERT_TRUE(analysed.error);
  EXPECT_EQ(analysed.error->message(), "request failed");
  EXPECT_THAT(analysed.faces, IsEmpty()) << "no half results";
  EXPECT_EQ(analysed.frame.times().index, 8U);
}

TEST(Lane, AModelThatDoesNotTakeTheInputIsAnError) {
  const LaneOfOne rig(std::make_unique<EchoStep>(session_with_input({1, 3}), 1, 1));
  const AnalysedFrame analysed = rig.lane->analyse(numbered_frame(0));
  ASSERT_TRUE(analysed.error);
  EXPECT_THAT(analysed.error->message(), testing::HasSubstr("'tiny'"));
}

TEST(Lane, AnErrorDoesNotReachTheNextFrame) {
  auto step = std::make_unique<EchoStep>(session_with_input({0, 2}), 3, 3);
  EchoStep& echo_step = *step;
  const LaneOfOne rig(std::move(step));
  echo_step.failing_request = 1;
  EXPECT_TRUE(rig.lane->analyse(numbered_frame(0)).error);
  echo_step.failing_request = 1000;
  const AnalysedFrame analysed = rig.lane->analyse(numbered_frame(1));
  EXPECT_FALSE(analysed.error);
  EXPECT_THAT(scores_of(analysed), ElementsAre(0, 1, 2));
}

/// What a step sees of a frame: one face at (10, 20) of the upright picture, and its camera.
class CameraProbe final : public Step {
 public:
  explicit CameraProbe(PinholeCamera<UprightPx>& seen) : seen_(seen) {}
  std::string_view name() const override { return "probe"; }
  void finish(FrameAnalysis& analysis) const override {
    seen_ = analysis.camera;
    FaceIn<UprightPx> face;
    face.box = {10, 20, 30, 40};
    analysis.faces.push_back(face);
  }

 private:
  PinholeCamera<UprightPx>& seen_;
};

TEST(Lane, FacesAreInThePixelsOfTheRecord) {
  PinholeCamera<UprightPx> camera;
  const LaneOfOne rig(std::make_unique<CameraProbe>(camera));
  const PictureGeometry wide_pixels{.stored = {720, 576}, .pixel_aspect = 2};
  const AnalysedFrame analysed = rig.lane->analyse(Frame({.geometry = wide_pixels}));
  ASSERT_THAT(analysed.faces, SizeIs(1));
  EXPECT_EQ(analysed.faces[0].box, (Box<FramePx>{5, 20, 15, 40}));
}

TEST(Lane, TheFieldOfViewIsThatOfTheUprightPicture) {
  PinholeCamera<UprightPx> camera;
  const LaneOfOne rig(std::make_unique<CameraProbe>(camera), {.horizontal_fov_rad = 2 * 0.5});
  const PictureGeometry turned{.stored = {1280, 720},
                               .orientation = Orientation::rotated_90_clockwise};
  rig.lane->analyse(Frame({.geometry = turned}));
  EXPECT_NEAR(camera.focal_x, 360 / std::tan(0.5), 1e-6);
  EXPECT_EQ(camera.focal_y, camera.focal_x);
  EXPECT_EQ(camera.center_x, 360);
  EXPECT_EQ(camera.center_y, 640);
}

TEST(Lane, IntrinsicsAreInPixelsOfTheRecord) {
  PinholeCamera<UprightPx> camera;
  const LaneOfOne rig(std::make_unique<CameraProbe>(camera),
                      {.intrinsics = PinholeCamera<FramePx>{500, 600, 360, 288}});
  rig.lane->analyse(Frame({.geometry = {.stored = {720, 576}, .pixel_aspect = 2}}));
  EXPECT_DOUBLE_EQ(camera.focal_x, 1000) << "the upright picture is twice as wide";
  EXPECT_DOUBLE_EQ(camera.focal_y, 600);
  EXPECT_DOUBLE_EQ(camera.center_x, 720);
  EXPECT_DOUBLE_EQ(camera.center_y, 288);
}

}  // namespace
}  // namespace retinue
