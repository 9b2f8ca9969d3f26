#include "worker/output_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::HasSubstr;

TEST(OutputPath, PutsTheStemOfTheSourceInItsPlace) {
  EXPECT_EQ(output_path("out/{source}.csv", "clips/walk.mp4"), "out/walk.csv");
}

TEST(OutputPath, ReplacesEveryPlace) {
  EXPECT_EQ(output_path("{source}/{source}.csv", "walk.mp4"), "walk/walk.csv");
}

TEST(OutputPath, LeavesANameWithoutAPlaceAlone) {
  EXPECT_EQ(output_path("out.csv", "walk.mp4"), "out.csv");
}

TEST(OutputPath, MakesAFileNameOfATestSource) {
  EXPECT_EQ(output_path("{source}.csv", "test:64x48@25"), "test_64x48_25.csv");
}

TEST(CheckOutputs, AcceptsOneVideoForOneSource) {
  EXPECT_TRUE(check_outputs({.video = "out.mp4"}, {"walk.mp4"}));
}

TEST(CheckOutputs, RefusesOneVideoForTwoSources) {
  const Result<void> checked = check_outputs({.video = "out.mp4"}, {"a.mp4", "b.mp4"});
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("{source}"));
}

TEST(CheckOutputs, AcceptsOneTableForTwoSources) {
  EXPECT_TRUE(check_outputs({.csv = "out.csv"}, {"a.mp4", "b.mp4"}));
}

TEST(CheckOutputs, RefusesOneTableWithOpenFacesColumnsForTwoSources) {
  const OutputSettings outputs{.csv = "out.csv", .csv_columns = CsvColumns::openface};
  EXPECT_TRUE(check_outputs(outputs, {"a.mp4"}));
  const Result<void> checked = check_outputs(outputs, {"a.mp4", "b.mp4"});
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("{source}"));
}

TEST(CheckOutputs, RefusesTwoSourcesOfOneStem) {
  const Result<void> checked = check_outputs({.csv = "{source}.csv"}, {"one/a.mp4", "two/a.mp4"});
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("'two/a.mp4'"));
}

TEST(CheckOutputs, RefusesTwoKindsInOneFile) {
  const Result<void> checked = check_outputs({.jsonl = "-", .csv = "-"}, {"a.mp4"});
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("--csv"));
}

TEST(CheckOutputs, RefusesAVideoOnStdout) {
  EXPECT_FALSE(check_outputs({.video = "-"}, {"a.mp4"}));
}

TEST(CheckOutputs, RefusesToOverwriteASourceUnderAnotherSpelling) {
  EXPECT_FALSE(check_outputs({.csv = "./clips/../a.mp4"}, {"a.mp4"}));
}

TEST(OutputsComplete, IsFalseWhenNothingIsWritten) {
  EXPECT_FALSE(outputs_complete({}, "a.mp4"));
}

}  // namespace
}  // namespace retinue
