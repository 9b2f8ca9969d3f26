// Sources whose frames depend on the ones before them.
#include <atomic>
#include <cstdint>
#include <functional>
#include <latch>
#include <memory>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/pipeline_rig.hpp"
#include "task/tiny_session.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;

/// A plan of three steps of which the middle one takes turns.
AnalysisPlan plan_with_turn(std::function<void(FrameAnalysis&)> before,
                            std::function<void(FrameAnalysis&)> in_turn) {
  AnalysisPlan plan;
  plan.steps.push_back(std::make_unique<CallbackStep>(std::move(before)));
  plan.steps.push_back(std::make_unique<CallbackStep>(std::move(in_turn)));
  plan.steps.push_back(std::make_unique<CallbackStep>([](FrameAnalysis&) {}));
  plan.turn_begin = 1;
  plan.turn_end = 2;
  return plan;
}

std::vector<std::uint64_t> counted(std::uint64_t count) {
  std::vector<std::uint64_t> numbers(count);
  for (std::uint64_t i = 0; i < count; ++i)
    numbers[i] = i;
  return numbers;
}

TEST(FollowedSource, TakesTheTurnsOfItsFramesInOrderOneAtATime) {
  // Not locked: a sanitizer sees turns that overlap.
  std::vector<std::uint64_t> turns;
  const LaneRig rig(4, plan_with_turn([](FrameAnalysis&) {},
                                      [&turns](FrameAnalysis& analysis) {
                                        turns.push_back(analysis.frame.times().index);
                                      }));
  CallbackProducer producer = frames(300);
  Recorder recorder;
  ASSERT_TRUE(rig.run({{.producer = &producer, .follow = true, .detect_every = 5}}, recorder));
  EXPECT_EQ(turns, counted(300));
  EXPECT_EQ(recorder.lines.size(), 300U);
}

TEST(FollowedSource, StepsBeforeTheTurnOverlapTheTurnsOfEarlierFrames) {
  std::latch second_looked_at(1);
  const LaneRig rig(2, plan_with_turn(
                           [&](FrameAnalysis& analysis) {
                             if (analysis.frame.times().index == 1) second_looked_at.count_down();
                           },
                           [&](FrameAnalysis& analysis) {
                             if (analysis.frame.times().index == 0) second_looked_at.wait();
                           }));
  CallbackProducer producer = frames(2);
  Recorder recorder;
  ASSERT_TRUE(rig.run({{.producer = &producer, .follow = true, .detect_every = 5}}, recorder));
  EXPECT_EQ(recorder.lines.size(), 2U);
}

TEST(FollowedSource, SaysWhichFramesAreDue) {
  for (const bool sequential : {false, true}) {
    std::vector<bool> due;
    const LaneRig rig(2, plan_with_turn([](FrameAnalysis&) {},
                                        [&due](FrameAnalysis& analysis) {
                                          EXPECT_NE(analysis.follower, nullptr);
                                          due.push_back(analysis.detection_due);
                                        }));
    CallbackProducer producer = frames(5);
    Recorder recorder;
    ASSERT_TRUE(rig.run({{.producer = &producer, .follow = true, .detect_every = 2}}, recorder,
                        {.sequential = sequential}));
    EXPECT_THAT(due, ElementsAre(true, false, true, false, true));
  }
}

TEST(UnfollowedSource, HasNoFollowerAndIsAlwaysDue) {
  const LaneRig rig(2, plan_with_turn([](FrameAnalysis&) {},
                                      [](FrameAnalysis& analysis) {
                                        EXPECT_EQ(analysis.follower, nullptr);
                                        EXPECT_TRUE(analysis.detection_due);
                                      }));
  CallbackProducer producer = frames(20);
  Recorder recorder;
  ASSERT_TRUE(rig.run({{.producer = &producer}}, recorder));
}

/// Requests of a session; tells the test when one is prepared.
class RequestStep final : public Step {
 public:
  RequestStep(std::size_t requests, std::function<Result<void>(std::size_t)> prepare)
      : session_(session_with_input({0, 2})), requests_(requests), prepare_(std::move(prepare)) {}

  std::string_view name() const override { return "requests"; }
  const Session* session() const override { return session_.get(); }
  std::size_t request_count(const FrameAnalysis&) const override { return requests_; }
  Shape input_shape(const FrameAnalysis&) const override { return {1, 2}; }
  Result<void> prepare(const FrameAnalysis&, std::size_t request, Sampler&,
                       TensorView input) const override {
    input.floats()[0] = input.floats()[1] = 0;
    return prepare_(request);
  }

 private:
  std::shared_ptr<const Session> session_;
  std::size_t requests_;
  std::function<Result<void>(std::size_t)> prepare_;
};

TEST(RunPipeline, SeveralLanesShareTheRequestsOfOneFrame) {
  std::latch both(2);
  AnalysisPlan plan;
  plan.steps.push_back(std::make_unique<RequestStep>(2, [&both](std::size_t) -> Result<void> {
    both.arrive_and_wait();
    return {};
  }));
  const LaneRig rig(2, std::move(plan));
  CallbackProducer producer = frames(1);
  Recorder recorder;
  ASSERT_TRUE(rig.run(producer, recorder));
  EXPECT_THAT(recorder.lines, ElementsAre("0 frame 0"));
}

TEST(FollowedSource, AFrameThatFailsPassesItsTurnOn) {
  std::atomic<int> requests = 0;
  AnalysisPlan plan;
  plan.steps.push_back(std::make_unique<RequestStep>(3, [&requests](std::size_t) -> Result<void> {
    if (++requests == 2) return fail(ErrorCode::internal, "request failed");
    return {};
  }));
  plan.steps.push_back(std::make_unique<CallbackStep>([](FrameAnalysis&) {}));
  plan.turn_begin = 0;
  plan.turn_end = 1;
  const LaneRig rig(2, std::move(plan));
  CallbackProducer producer = frames(3);
  Recorder recorder;
  ASSERT_TRUE(rig.run({{.producer = &producer, .follow = true, .detect_every = 2}}, recorder));
  EXPECT_THAT(recorder.lines, ElementsAre("0 frame 0 error request failed", "0 frame 1 face 1",
                                          "0 frame 2 face 2"));
}

}  // namespace
}  // namespace retinue
