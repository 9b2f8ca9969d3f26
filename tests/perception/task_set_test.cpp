#include "perception/task_set.hpp"

#include <gmock/gmock.h>

namespace retinue {
namespace {

using testing::HasSubstr;

TaskSet set_of(std::initializer_list<TaskName> tasks) {
  TaskSet set;
  for (const TaskName task : tasks)
    set.insert(task);
  return set;
}

TEST(TaskSet, IsEmptyAtFirst) {
  EXPECT_TRUE(TaskSet().empty());
  EXPECT_FALSE(TaskSet().contains(TaskName::faces));
}

TEST(TaskSet, ContainsWhatWasInserted) {
  const TaskSet set = set_of({TaskName::head_pose});

  EXPECT_TRUE(set.contains(TaskName::head_pose));
  EXPECT_FALSE(set.contains(TaskName::faces));
}

TEST(TaskSet, PullsInTheTasksThatATaskNeeds) {
  EXPECT_EQ(set_of({TaskName::blendshapes}).closure(),
            set_of({TaskName::faces, TaskName::landmarks, TaskName::blendshapes}));
  EXPECT_EQ(set_of({TaskName::action_units}).closure(),
            set_of({TaskName::faces, TaskName::landmarks, TaskName::blendshapes,
                    TaskName::action_units}));
  EXPECT_EQ(set_of({TaskName::head_pose}).closure(),
            set_of({TaskName::faces, TaskName::landmarks, TaskName::head_pose}));
  EXPECT_EQ(set_of({TaskName::gaze}).closure(),
            set_of({TaskName::faces, TaskName::landmarks, TaskName::head_pose, TaskName::gaze}));
  EXPECT_EQ(set_of({TaskName::landmarks}).closure(),
            set_of({TaskName::faces, TaskName::landmarks}));
  EXPECT_EQ(set_of({TaskName::faces}).closure(), set_of({TaskName::faces}));
  EXPECT_EQ(set_of({TaskName::pose}).closure(), set_of({TaskName::persons, TaskName::pose}));
  EXPECT_EQ(set_of({TaskName::persons}).closure(), set_of({TaskName::persons}));
  EXPECT_EQ(set_of({TaskName::embedding}).closure(),
            set_of({TaskName::faces, TaskName::embedding}));
  EXPECT_EQ(set_of({TaskName::emotion}).closure(), set_of({TaskName::faces, TaskName::emotion}));
}

TEST(TaskSet, KeepsTheOrderOfTheEnumerationAsText) {
  EXPECT_EQ(to_string(set_of({TaskName::head_pose, TaskName::faces})), "faces,head-pose");
  EXPECT_EQ(to_string(TaskSet()), "");
}

TEST(AllTaskNames, StandInTheOrderOfTheEnumeration) {
  TaskSet all;
  for (const TaskName task : kTaskNames)
    all.insert(task);
  EXPECT_EQ(all_task_names(","), to_string(all));
}

TEST(ParseTaskName, KnowsEveryTaskByItsName) {
  for (const TaskName task : kTaskNames)
    EXPECT_EQ(parse_task_name(name_of(task)), task);
}

TEST(ParseTaskName, ListsTheTasksThatThereAre) {
  const Result<TaskName> result = parse_task_name("juggling");

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(result.error().message(),
              HasSubstr("'juggling' is not one of faces, landmarks, blendshapes, head-pose, "
                        "gaze, action-units, persons, pose, embedding, emotion"));
}

TEST(ParseTaskList, ReadsOneOrMoreNames) {
  EXPECT_EQ(parse_task_list("faces"), set_of({TaskName::faces}));
  EXPECT_EQ(parse_task_list("head-pose,faces"), set_of({TaskName::faces, TaskName::head_pose}));
}

TEST(ParseTaskList, RefusesEmptyNames) {
  for (const std::string_view list : {"", ",", "faces,", ",faces", "faces,,landmarks"}) {
    const Result<TaskSet> result = parse_task_list(list);
    ASSERT_FALSE(result) << list;
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument) << list;
  }
}

TEST(ParseTaskList, UndoesToString) {
  const TaskSet tasks = set_of({TaskName::landmarks, TaskName::blendshapes});

  EXPECT_EQ(parse_task_list(to_string(tasks)), tasks);
}

}  // namespace
}  // namespace retinue
