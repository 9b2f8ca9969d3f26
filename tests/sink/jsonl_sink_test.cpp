#include "sink/jsonl_sink.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "perception/example_result.hpp"
#include "sink/output_test.hpp"

namespace retinue {
namespace {

class JsonlSinkTo : public OutputTest {
 protected:
  std::vector<nlohmann::json> records() const {
    std::vector<nlohmann::json> records;
    std::istringstream lines(content("a.jsonl"));
    for (std::string line; std::getline(lines, line);)
      records.push_back(nlohmann::json::parse(line));
    return records;
  }
};

TEST_F(JsonlSinkTo, WritesOneObjectALine) {
  auto sink = JsonlSink::create(path("a.jsonl"));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->write(example_result(0), nullptr));
  ASSERT_TRUE((*sink)->write(error_result(), nullptr));
  ASSERT_TRUE((*sink)->write(empty_result(1), nullptr));
  ASSERT_TRUE((*sink)->finish(Completion::complete));

  const auto written = records();
  ASSERT_EQ(written.size(), 3U);
  EXPECT_EQ(written[0]["faces"].size(), 1U);
  EXPECT_TRUE(written[1].contains("error"));
  EXPECT_EQ(written[2]["frame"], 1);
}

TEST_F(JsonlSinkTo, IsAnEmptyFileForNoResults) {
  auto sink = JsonlSink::create(path("a.jsonl"));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->finish(Completion::complete));

  EXPECT_TRUE(exists("a.jsonl"));
  EXPECT_EQ(content("a.jsonl"), "");
}

TEST_F(JsonlSinkTo, HasAllOfASourceOnDiskWhenTheNextBegins) {
  auto sink = JsonlSink::create(path("a.jsonl"));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->write(example_result(0), nullptr));
  EXPECT_TRUE(records().empty()) << "small records are buffered";
  ASSERT_TRUE((*sink)->write(example_result(0), nullptr));

  EXPECT_EQ(records().size(), 1U);
}

TEST_F(JsonlSinkTo, DoesNotWantPictures) {
  auto sink = JsonlSink::create(path("a.jsonl"));
  ASSERT_TRUE(sink);

  EXPECT_FALSE((*sink)->wants_preview());
}

TEST(JsonlSink, NamesTheFileWhenTheDiskIsFull) {
  auto sink = JsonlSink::create("/dev/full");
  ASSERT_TRUE(sink);
  Result<void> written = (*sink)->write(example_result(), nullptr);
  if (written) written = (*sink)->finish(Completion::complete);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message(), "writing '/dev/full': no space left on device");
}

}  // namespace
}  // namespace retinue
