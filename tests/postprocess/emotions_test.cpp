#include "postprocess/emotions.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::HasSubstr;

Tensor tensor_of(const Emotions& values) {
  Tensor tensor(ElementType::float32, {1, 7});
  std::ranges::copy(values, tensor.view().floats().begin());
  return tensor;
}

void expect_close(const Emotions& found, const Emotions& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-6) << kEmotionNames[i];
}

TEST(ReadEmotions, KeepsProbabilities) {
  const Emotions probabilities = {0.05F, 0, 0.1F, 0.6F, 0.05F, 0.1F, 0.1F};
  const Tensor output = tensor_of(probabilities);
  expect_close(read_emotions(output.view()).value(), probabilities);
}

TEST(ReadEmotions, MakesProbabilitiesOfLogits) {
  const Emotions logits = {-3, 0.5F, 2, 100, 98, 0, 99};
  Emotions expected{};
  for (std::size_t i = 0; i < logits.size(); ++i)
    expected[i] = static_cast<float>(std::exp(static_cast<double>(logits[i]) - 100));
  const float sum = std::accumulate(expected.begin(), expected.end(), 0.0F);
  for (float& value : expected)
    value /= sum;
  const Tensor output = tensor_of(logits);
  expect_close(read_emotions(output.view()).value(), expected);
}

TEST(ReadEmotions, TakesLogitsOfSumOneForLogits) {
  const Tensor output = tensor_of({-1, 0, 0, 2, 0, 0, 0});
  EXPECT_GT(read_emotions(output.view()).value()[0], 0);
}

TEST(ReadEmotions, RefusesOtherNumbersOfEmotions) {
  const Tensor output(ElementType::float32, {1, 8});
  const Result<Emotions> emotions = read_emotions(output.view());
  ASSERT_FALSE(emotions);
  EXPECT_EQ(emotions.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(emotions.error().message(), HasSubstr("need 7"));
}

TEST(ReadEmotions, RefusesNumbersThatAreNotFinite) {
  const Tensor output = tensor_of({std::numeric_limits<float>::quiet_NaN()});
  EXPECT_EQ(read_emotions(output.view()).error().code(), ErrorCode::corrupt_input);
}

}  // namespace
}  // namespace retinue
