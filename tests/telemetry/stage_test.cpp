#include "telemetry/stage.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

std::vector<std::string> names_of(const StageTable& table) {
  std::vector<std::string> names;
  table.for_each([&names](const Stage& stage) { names.push_back(stage.name()); });
  return names;
}

TEST(Stage, TakesNoTimeBeforeItsFirstCall) {
  const Stage stage("decode");
  EXPECT_EQ(stage.calls(), 0);
  EXPECT_EQ(stage.ms_per_call(), 0);
}

TEST(Stage, AddsUpCallsAndTimes) {
  Stage stage("decode");
  stage.add(milliseconds(2));
  stage.add(milliseconds(4));
  EXPECT_EQ(stage.calls(), 2);
  EXPECT_DOUBLE_EQ(stage.total_ms(), 6);
  EXPECT_DOUBLE_EQ(stage.ms_per_call(), 3);
}

TEST(StageTimer, AddsItsScopeToTheStage) {
  Stage stage("decode");
  {
    const StageTimer timer(stage);
    EXPECT_EQ(stage.calls(), 0);
  }
  EXPECT_EQ(stage.calls(), 1);
  EXPECT_GE(stage.total_ms(), 0);
}

TEST(StageTable, IsEmptyAtFirst) {
  EXPECT_TRUE(names_of(StageTable()).empty());
}

TEST(StageTable, GivesTheSameStageForTheSameName) {
  StageTable table;
  table.stage("decode").add(milliseconds(1));
  table.stage("decode").add(milliseconds(1));
  EXPECT_EQ(table.stage("decode").calls(), 2);
  EXPECT_THAT(names_of(table), ElementsAre("decode"));
}

TEST(StageTable, KeepsTheOrderInWhichStagesWereFirstNamed) {
  StageTable table;
  table.stage("decode");
  table.stage("faces");
  table.stage("decode");
  table.stage("blendshapes");
  EXPECT_THAT(names_of(table), ElementsAre("decode", "faces", "blendshapes"));
}

TEST(StageTable, StagesStayWhereTheyAreWhileItGrows) {
  StageTable table;
  Stage& first = table.stage("first");
  for (int i = 0; i < 100; ++i)
    table.stage(std::to_string(i));
  EXPECT_EQ(&table.stage("first"), &first);
}

TEST(StageTable, IsSharedByThreads) {
  StageTable table;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&table] {
        for (int i = 0; i < 100; ++i)
          table.stage(std::to_string(i % 10)).add(milliseconds(1));
      });
    }
  }
  EXPECT_EQ(names_of(table).size(), 10U);
  EXPECT_EQ(table.stage("3").calls(), 40);
}

}  // namespace
}  // namespace retinue
