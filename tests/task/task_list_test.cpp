#include "task/task_list.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "task/tiny_session.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TaskSet tasks_of(const std::string& list) {
  return parse_task_list(list)->closure();
}

/// Models of all tasks, as far as creating the steps needs them.
std::vector<LoadedModel> all_models() {
  return {{.task = ModelTask::faces, .session = session_with_input({0, 3, 0, 0})},
          {.task = ModelTask::landmarks, .session = session_with_input({0, 3, 256, 256})},
          {.task = ModelTask::blendshapes, .session = session_with_input({1, 146, 2})},
          {.task = ModelTask::gaze,
           .family = ModelFamily::gaze_angles,
           .session = session_with_input({0, 3, 224, 224})},
          {.task = ModelTask::embedding, .session = session_with_input({0, 3, 112, 112})},
          {.task = ModelTask::emotion, .session = session_with_input({0, 1, 64, 64})}};
}

std::vector<std::string> step_names(const TaskSet& tasks) {
  const Result<AnalysisPlan> plan = create_plan(tasks, all_models(), {});
  std::vector<std::string> names;
  if (!plan) {
    ADD_FAILURE() << plan.error().message();
    return names;
  }
  for (const std::unique_ptr<Step>& step : plan->steps)
    names.emplace_back(step->name());
  return names;
}

TEST(ModelsFor, AreThoseOfTheTasksInTheOrderInWhichTheyRun) {
  EXPECT_THAT(models_for({}), IsEmpty());
  EXPECT_THAT(models_for(tasks_of("faces")), ElementsAre(ModelTask::faces));
  EXPECT_THAT(models_for(tasks_of("head-pose")),
              ElementsAre(ModelTask::faces, ModelTask::landmarks));
  EXPECT_THAT(models_for(tasks_of("blendshapes")),
              ElementsAre(ModelTask::faces, ModelTask::landmarks, ModelTask::blendshapes));
  EXPECT_THAT(models_for(tasks_of("gaze")),
              ElementsAre(ModelTask::faces, ModelTask::landmarks, ModelTask::gaze));
  EXPECT_THAT(models_for(tasks_of("pose")), ElementsAre(ModelTask::persons, ModelTask::pose));
  EXPECT_THAT(models_for(tasks_of("emotion,embedding")),
              ElementsAre(ModelTask::faces, ModelTask::embedding, ModelTask::emotion));
}

TEST(CreatePlan, NoTasksAreNoSteps) {
  EXPECT_THAT(step_names({}), IsEmpty());
}

TEST(CreatePlan, EachTaskComesAfterThoseThatItNeeds) {
  EXPECT_THAT(step_names(tasks_of("faces")), ElementsAre("faces"));
  EXPECT_THAT(step_names(tasks_of("head-pose,blendshapes")),
              ElementsAre("faces", "faces", "follow", "landmarks", "follow", "landmarks",
                          "blendshapes", "head-pose"));
  EXPECT_THAT(step_names(tasks_of("gaze")),
              ElementsAre("faces", "faces", "follow", "landmarks", "follow", "landmarks",
                          "head-pose", "gaze"));
  EXPECT_THAT(step_names(tasks_of("emotion,embedding")),
              ElementsAre("faces", "embedding", "emotion"));
}

std::vector<LoadedModel> person_models() {
  return {{.task = ModelTask::persons,
           .family = ModelFamily::yolox,
           .name = "detector",
           .session = session_with_input({1, 3, 64, 64})},
          {.task = ModelTask::pose,
           .family = ModelFamily::movenet,
           .name = "poser",
           .session = session_with_input({1, 3, 192, 192})}};
}

TEST(CreatePlan, PosesComeBehindPersons) {
  const Result<AnalysisPlan> plan = create_plan(tasks_of("pose"), person_models(), {});
  ASSERT_TRUE(plan) << plan.error().message();
  std::vector<std::string_view> names;
  for (const auto& step : plan->steps)
    names.push_back(step->name());
  EXPECT_THAT(names, ElementsAre("persons", "persons", "follow", "pose", "follow"));
}

TEST(CreatePlan, AModelThatFindsBothNeedsNoOther) {
  std::vector<LoadedModel> models = person_models();
  models.erase(models.begin());
  models[0].family = ModelFamily::yolo_pose;
  const Result<AnalysisPlan> plan = create_plan(tasks_of("pose"), models, {});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->steps.size(), 1U);
  EXPECT_FALSE(plan->can_follow()) << "there is no cheaper look than that of the detector";
}

TEST(CreatePlan, RefusesAModelOfAnotherTask) {
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{1}}) {
    std::vector<LoadedModel> models = person_models();
    models[wrong].family = ModelFamily::yunet;
    const Result<AnalysisPlan> plan = create_plan(tasks_of("pose"), models, {});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code(), ErrorCode::unsupported);
    EXPECT_THAT(plan.error().message(), HasSubstr(models[wrong].name));
  }
}

TEST(CreatePlan, WhatNeedsTheFrameBeforeTakesTurns) {
  const Result<AnalysisPlan> plan = create_plan(tasks_of("blendshapes"), all_models(), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->turn_begin, 1U) << "a detection that is due needs its own frame only";
  EXPECT_EQ(plan->turn_end, 5U) << "what the follower remembers is known behind the first mesh";
}

TEST(CreatePlan, WithoutLandmarksNothingIsFollowed) {
  const Result<AnalysisPlan> plan = create_plan(tasks_of("faces"), all_models(), {});
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->can_follow());
}

TEST(CreatePlan, PersonsAreFollowedByTheirPoses) {
  const Result<AnalysisPlan> boxes = create_plan(tasks_of("persons"), person_models(), {});
  const Result<AnalysisPlan> poses = create_plan(tasks_of("pose"), person_models(), {});
  ASSERT_TRUE(boxes && poses);
  EXPECT_FALSE(boxes->can_follow());
  EXPECT_TRUE(poses->can_follow());
}

TEST(CreatePlan, NamesTheModelThatIsMissing) {
  std::vector<LoadedModel> models = all_models();
  models.erase(models.begin() + 1);
  const Result<AnalysisPlan> plan = create_plan(tasks_of("blendshapes"), models, {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(plan.error().message(), HasSubstr("'landmarks'"));
}

ModelFile file_of(const TinyGraph& graph) {
  ModelFile file;
  file.graph = graph.bytes();
  file.path = "mine.onnx";
  return file;
}

TEST(OpenModel, GivesASessionThatRuns) {
  TinyGraph graph;
  graph.input("x", {1, 146, 2}).output("y", {1, 146, 2}).node("Identity", {"x"}, "y");
  const Result<LoadedModel> model = open_model(ModelTask::blendshapes, file_of(graph), {});
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->task, ModelTask::blendshapes);
  EXPECT_EQ(model->name, "mine.onnx");
  EXPECT_EQ(model->session->name(), "mine.onnx");
}

TEST(OpenModel, RefusesAGraphThatLoadsButDoesNotRun) {
  TinyGraph graph;
  // What Reshape makes of the input is found out only when it runs.
  graph.input("x", {1, 3, 64, 64}).input("shape", {2}, onnx::TensorProto::INT64);
  graph.output("y", {1, 1434}).node("Reshape", {"x", "shape"}, "y");
  const Result<LoadedModel> model = open_model(ModelTask::landmarks, file_of(graph), {});
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(model.error().message(), HasSubstr("'mine.onnx'"));
}

TEST(OpenModel, NamesTheFileThatIsNoModel) {
  ModelFile file;
  file.path = "mine.onnx";
  file.graph.resize(10);
  const Result<LoadedModel> model = open_model(ModelTask::faces, file, {});
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(model.error().message(), HasSubstr("'mine.onnx'"));
}

}  // namespace
}  // namespace retinue
