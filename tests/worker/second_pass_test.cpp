#include "worker/second_pass.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "face/tiny_openface.hpp"
#include "perception/example_result.hpp"

namespace retinue {
namespace {

constexpr auto kAu12 = static_cast<std::size_t>(ActionUnit::au12);

/// As a source's run does it: every frame is told, some records have no frame.
TEST(SecondPass, WritesTheRecordsInTheirOrderWithCorrectedUnits) {
  const OpenFacePredictors predictors = tiny_predictors();
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "out.jsonl").string();
  Result<OutputSet> outputs = OutputSet::create({.jsonl = file}, all_tasks());
  ASSERT_TRUE(outputs) << outputs.error().message();
  Result<SourceOutputs> source = outputs->begin_source("walk.mp4", {});
  ASSERT_TRUE(source) << source.error().message();
  Result<SecondPass> pass = SecondPass::create();
  ASSERT_TRUE(pass) << pass.error().message();

  constexpr int kFrames = 9;
  for (int i = 0; i < kFrames; ++i) {
    OpenFaceValues values;
    values.intensity[kAu12] = i == 4 ? 3 : 0;  // A spike, which the mean of three frames spreads.
    FrameResult result = example_result(static_cast<std::uint64_t>(i));
    result.faces[0].action_units = action_units_of(values);
    pass->begin_frame().add(*result.faces[0].track, values, {});
    ASSERT_TRUE(pass->hold(result));
    if (i == 6) {
      ASSERT_TRUE(pass->hold(error_result()));
    }
  }
  const Result<std::int64_t> written = pass->write(predictors, *source);
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(*written, kFrames + 1);
  ASSERT_TRUE(source->finish(Completion::complete));
  ASSERT_TRUE(outputs->finish(Completion::complete));

  std::ifstream lines(file);
  std::vector<double> smiles;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json record = nlohmann::json::parse(line);
    if (!record.contains("frame")) {
      EXPECT_EQ(smiles.size(), 7U) << "the record without a frame is behind the seventh";
      continue;
    }
    EXPECT_EQ(record.at("frame"), smiles.size());
    smiles.push_back(record.at("faces").at(0).at("action_units").at("AU12").at("intensity"));
  }
  EXPECT_EQ(smiles, (std::vector<double>{0, 0, 0, 1, 1, 1, 0, 0, 0}));
}

}  // namespace
}  // namespace retinue
