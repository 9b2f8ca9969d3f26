#include "worker/record_spool.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "perception/example_result.hpp"

namespace retinue {
namespace {

std::string json_of(const FrameResult& result) {
  std::string json;
  append_json(json, result);
  return json;
}

std::vector<std::string> read_back(const std::vector<FrameResult>& results) {
  Result<RecordSpool> spool = RecordSpool::create();
  if (!spool) {
    ADD_FAILURE() << spool.error().message();
    return {};
  }
  for (const FrameResult& result : results)
    EXPECT_TRUE(spool->append(result));
  EXPECT_TRUE(spool->rewind());
  std::vector<std::string> records;
  FrameResult result;
  for (;;) {
    const Result<bool> found = spool->next(result);
    if (!found || !*found) {
      EXPECT_TRUE(found);
      return records;
    }
    records.push_back(json_of(result));
  }
}

TEST(RecordSpool, GivesBackTheRecordsThatItWasGiven) {
  FrameResult jump = example_result(3);
  jump.discontinuity = true;
  jump.persons = {example_person(), example_person({1, 2, 3, 4})};
  const std::vector<FrameResult> results = {example_result(0), empty_result(1), error_result(),
                                            example_result(2), jump};
  std::vector<std::string> expected;
  for (const FrameResult& result : results)
    expected.push_back(json_of(result));
  EXPECT_EQ(read_back(results), expected);
}

TEST(RecordSpool, AFaceThatHasLittleHasNothingOfTheOneBefore) {
  FrameResult bare = example_result(1);
  bare.faces.assign(1, Face{});
  bare.persons.clear();
  const std::vector<std::string> records = read_back({example_result(0), bare});
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1], json_of(bare));
}

TEST(RecordSpool, AnEmptyOneHasNoRecords) {
  EXPECT_TRUE(read_back({}).empty());
}

}  // namespace
}  // namespace retinue
