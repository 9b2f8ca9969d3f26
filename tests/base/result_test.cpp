#include "base/result.hpp"

#include <memory>

#include <gmock/gmock.h>

namespace retinue {
namespace {

Result<int> parsed(bool good) {
  if (!good) return fail(ErrorCode::corrupt_input, "parsing 'x': not a number");
  return 42;
}

Result<int> doubled(bool good) {
  const int value = TRY(parsed(good));
  return value * 2;
}

TEST(Try, YieldsTheValue) {
  EXPECT_EQ(doubled(true), 84);
}

TEST(Try, ReturnsTheErrorUnchanged) {
  const Result<int> result = doubled(false);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::corrupt_input);
  EXPECT_EQ(result.error().message(), "parsing 'x': not a number");
}

TEST(Try, MovesValuesThatCannotBeCopied) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  const auto take = [&]() -> Result<std::unique_ptr<int>> {
    std::unique_ptr<int> value = TRY(make());
    return value;
    // The analyzer does not follow the moved pointer. NOLINTNEXTLINE(clang-analyzer-*)
  };

  const Result<std::unique_ptr<int>> result = take();
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, 5);
}

TEST(Error, PutsContextInFrontAndKeepsItsCode) {
  const Error error = Error(ErrorCode::timed_out, "no answer").with_context("camera 'gate-2'");

  EXPECT_EQ(error.message(), "camera 'gate-2': no answer");
  EXPECT_EQ(error.code(), ErrorCode::timed_out);
}

TEST(Error, KnowsTheLineThatMadeIt) {
  const int line = __LINE__ + 1;
  const Error error(ErrorCode::internal, "here");

  EXPECT_EQ(error.where().line, line);
  EXPECT_THAT(error.where().file, testing::EndsWith("result_test.cpp"));
}

}  // namespace
}  // namespace retinue
