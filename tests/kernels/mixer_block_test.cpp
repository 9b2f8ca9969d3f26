#include "kernels/mixer_block.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plain_convolution.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;

/// Owns what MixerHalf borrows.
struct PlainHalf {
  std::vector<float> scale, first_weights, first_bias, last_weights, last_bias;
  float epsilon = 0.001F;

  PlainHalf(std::size_t channels, std::size_t mixed, std::size_t hidden, std::uint32_t seed)
      : scale(numbers(channels, 1.0F, seed)),
        first_weights(numbers(hidden * mixed, 0.5F, seed + 1)),
        first_bias(numbers(hidden, 1.0F, seed + 2)),
        last_weights(numbers(mixed * hidden, 0.5F, seed + 3)),
        last_bias(numbers(mixed, 1.0F, seed + 4)) {}

  MixerHalf view() const {
    return {.scale = scale,
            .epsilon = epsilon,
            .first_weights = first_weights,
            .first_bias = first_bias,
            .last_weights = last_weights,
            .last_bias = last_bias};
  }
};

struct Constants {
  PlainHalf tokens, channels;
};

Constants constants_for(const MixerBlockShape& shape) {
  return {.tokens = PlainHalf(shape.channels, shape.tokens, shape.token_hidden, 1),
          .channels = PlainHalf(shape.channels, shape.channels, shape.channel_hidden, 11)};
}

/// [tokens, channels].
using Tokens = std::vector<std::vector<double>>;

Tokens transposed(const Tokens& x) {
  Tokens turned(x.front().size(), std::vector<double>(x.size()));
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x[i].size(); ++j)
      turned[j][i] = x[i][j];
  }
  return turned;
}

Tokens normalised(Tokens x, const PlainHalf& half) {
  for (std::vector<double>& token : x) {
    const auto count = static_cast<double>(token.size());
    double mean = 0.0;
    double variance = 0.0;
    for (const double value : token)
      mean += value / count;
    for (const double value : token)
      variance += (value - mean) * (value - mean) / count;
    for (std::size_t c = 0; c < token.size(); ++c) {
      token[c] = (token[c] - mean) / std::sqrt(variance + static_cast<double>(half.epsilon)) *
                 static_cast<double>(half.scale[c]);
    }
  }
  return x;
}

/// weights · row + bias for each row.
Tokens layer(const Tokens& x, const std::vector<float>& weights, const std::vector<float>& bias) {
  Tokens y;
  for (const std::vector<double>& row : x) {
    std::vector<double>& made = y.emplace_back(bias.begin(), bias.end());
    for (std::size_t o = 0; o < made.size(); ++o) {
      for (std::size_t i = 0; i < row.size(); ++i)
        made[o] += static_cast<double>(weights[o * row.size() + i]) * row[i];
    }
  }
  return y;
}

Tokens perceptron(const Tokens& x, const PlainHalf& half) {
  Tokens hidden = layer(x, half.first_weights, half.first_bias);
  for (std::vector<double>& row : hidden) {
    for (double& value : row)
      value = std::max(value, 0.0);
  }
  return layer(hidden, half.last_weights, half.last_bias);
}

Tokens sum(Tokens x, const Tokens& y) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x[i].size(); ++j)
      x[i][j] += y[i][j];
  }
  return x;
}

/// The definition, for `x` [tokens, channels].
std::vector<float> expected(const MixerBlockShape& shape, const Constants& constants,
                            const std::vector<float>& x) {
  Tokens tokens;
  for (std::size_t t = 0; t < shape.tokens; ++t) {
    const auto begin = x.begin() + static_cast<std::ptrdiff_t>(t * shape.channels);
    tokens.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(shape.channels));
  }
  const Tokens by_channel = transposed(normalised(tokens, constants.tokens));
  const Tokens mixed = sum(tokens, transposed(perceptron(by_channel, constants.tokens)));
  const Tokens made =
      sum(mixed, perceptron(normalised(mixed, constants.channels), constants.channels));
  std::vector<float> y;
  for (std::size_t t = 0; t < shape.results; ++t) {
    for (const double value : made[t])
      y.push_back(static_cast<float>(value));
  }
  return y;
}

Result<MixerBlock> create(const MixerBlockShape& shape, const Constants& constants) {
  return MixerBlock::create(shape, constants.tokens.view(), constants.channels.view());
}

void expect_definition(const MixerBlockShape& shape) {
  const Constants constants = constants_for(shape);
  const Result<MixerBlock> block = create(shape, constants);
  ASSERT_TRUE(block) << block.error().message();
  const std::vector<float> x = numbers(shape.tokens * shape.channels, 2.0F, 10);
  std::vector<float> made(shape.results * shape.channels, -1.0F);
  block->run(x.data(), made.data());
  expect_near(made, expected(shape, constants, x));
}

/// The tokens and channels of MediaPipe's blendshapes, with fewer numbers between.
MixerBlockShape wide_shape() {
  return {.tokens = 97, .channels = 64, .token_hidden = 45, .channel_hidden = 72, .results = 97};
}

class MixerBlocks : public OnEveryTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, MixerBlocks,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()), target_name);

TEST_P(MixerBlocks, AreTheirTwoHalvesInManyStrips) {
  expect_definition(wide_shape());
}

TEST_P(MixerBlocks, AreTheirTwoHalvesWhateverTheNumberOfTokens) {
  // Every remainder of a strip's rows.
  for (std::size_t tokens = 1; tokens <= 30; ++tokens) {
    SCOPED_TRACE(tokens);
    expect_definition({.tokens = tokens,
                       .channels = 16,
                       .token_hidden = 31 - tokens,
                       .channel_hidden = 24,
                       .results = tokens});
  }
}

TEST_P(MixerBlocks, AreTheirTwoHalvesForMultiplesOfEightChannels) {
  for (const std::size_t channels : {8U, 24U, 40U, 72U}) {
    for (const std::size_t hidden : {8U, 16U, 56U}) {
      SCOPED_TRACE(std::to_string(channels) + " and " + std::to_string(hidden));
      expect_definition({.tokens = 5,
                         .channels = channels,
                         .token_hidden = 7,
                         .channel_hidden = hidden,
                         .results = 5});
    }
  }
}

TEST_P(MixerBlocks, MakeNoMoreThanTheFirstTokensIfTheyAreAskedTo) {
  for (const std::size_t results : {1U, 2U, 15U}) {
    SCOPED_TRACE(results);
    expect_definition(
        {.tokens = 20, .channels = 16, .token_hidden = 9, .channel_hidden = 8, .results = results});
  }
}

TEST(MixerBlock, RunsOnManyThreadsAtOnce) {
  const MixerBlockShape shape{
      .tokens = 20, .channels = 16, .token_hidden = 30, .channel_hidden = 40, .results = 20};
  const Constants constants = constants_for(shape);
  const MixerBlock block = create(shape, constants).value();
  constexpr std::size_t kThreads = 4;
  const auto input = [&](std::size_t i) {
    return numbers(shape.tokens * shape.channels, 1.0F, static_cast<std::uint32_t>(30 + i));
  };
  std::array<std::vector<float>, kThreads> made;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&block, &out = made.at(i), x = input(i)] {
        out.resize(x.size());
        for (int turn = 0; turn < 5; ++turn)
          block.run(x.data(), out.data());
      });
    }
  }
  for (std::size_t i = 0; i < kThreads; ++i)
    expect_near(made.at(i), expected(shape, constants, input(i)));
}

TEST(MixerBlock, RefusesChannelsThatFillNoVector) {
  MixerBlockShape shape = wide_shape();
  shape.channels = 60;
  EXPECT_EQ(create(shape, constants_for(shape)).error().code(), ErrorCode::unsupported);
  shape.channels = 64;
  shape.channel_hidden = 250;
  EXPECT_EQ(create(shape, constants_for(shape)).error().code(), ErrorCode::unsupported);
}

TEST(MixerBlock, RefusesToMakeMoreTokensThanItReads) {
  MixerBlockShape shape = wide_shape();
  const Constants constants = constants_for(shape);
  for (const std::size_t results : {0U, 98U}) {
    shape.results = results;
    EXPECT_EQ(create(shape, constants).error().code(), ErrorCode::unsupported) << results;
  }
}

TEST(MixerBlock, RefusesConstantsOfAnotherSize) {
  const MixerBlockShape shape = wide_shape();
  const std::vector<std::vector<float> PlainHalf::*> members{
      &PlainHalf::scale, &PlainHalf::first_weights, &PlainHalf::first_bias,
      &PlainHalf::last_weights, &PlainHalf::last_bias};
  for (const auto member : members) {
    Constants constants = constants_for(shape);
    (constants.channels.*member).pop_back();
    const Result<MixerBlock> block = create(shape, constants);
    ASSERT_FALSE(block);
    EXPECT_EQ(block.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(block.error().message(), HasSubstr("mixes channels"));
  }
}

}  // namespace
}  // namespace retinue
