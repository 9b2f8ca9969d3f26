#include "kernels/separable_block.hpp"

#include <array>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plain_convolution.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;

struct Constants {
  PlainConstants first, depthwise, last;
};

Constants constants_for(const SeparableBlockShape& shape) {
  return {.first = plain_constants(shape.middle, shape.inputs * shape.stride * shape.stride, 1),
          .depthwise = plain_constants(shape.middle, 9, 4),
          .last = plain_constants(shape.outputs, shape.middle, 7)};
}

PlainPicture skip(const SeparableBlockShape& shape, const PlainPicture& x) {
  if (shape.stride == 1) return x;
  PlainPicture y(x.rows / 2, x.columns / 2, shape.outputs);
  for (std::size_t row = 0; row < y.rows; ++row) {
    for (std::size_t column = 0; column < y.columns; ++column) {
      for (std::size_t c = 0; c < x.channels; ++c) {
        const auto r = static_cast<std::ptrdiff_t>(2 * row);
        const auto k = static_cast<std::ptrdiff_t>(2 * column);
        y.at(row, column, c) =
            std::max({x.at(r, k, c), x.at(r, k + 1, c), x.at(r + 1, k, c), x.at(r + 1, k + 1, c)});
      }
    }
  }
  return y;
}

/// The definition: one convolution after the other, over whole pictures.
PlainPicture expected(const SeparableBlockShape& shape, const Constants& constants, bool has_last,
                      const PlainPicture& x) {
  const std::size_t rows = x.rows / shape.stride;
  const std::size_t columns = x.columns / shape.stride;
  PlainPicture middle = activated(
      convolve(x, constants.first, {.kernel = shape.stride, .stride = shape.stride}, rows, columns),
      constants.first);
  middle = activated(
      convolve(middle, constants.depthwise,
               {.kernel = 3, .stride = 1, .top = 1, .left = 1, .depthwise = true}, rows, columns),
      constants.depthwise);
  if (!has_last) return middle;
  PlainPicture sum = convolve(middle, constants.last, {}, rows, columns);
  const PlainPicture added = skip(shape, x);
  for (std::size_t i = 0; i < sum.elements.size(); ++i)
    sum.elements[i] += added.elements[i];
  return activated(std::move(sum), constants.last);
}

Result<SeparableBlock> create(const SeparableBlockShape& shape, const Constants& constants,
                              bool has_last = true) {
  return SeparableBlock::create(shape, constants.first.view(), constants.depthwise.view(),
                                has_last ? std::optional(constants.last.view()) : std::nullopt);
}

void expect_definition(const SeparableBlockShape& shape, const Constants& constants, bool has_last,
                       std::size_t rows, std::size_t columns) {
  PlainPicture x(rows, columns, shape.inputs);
  x.elements = numbers(x.elements.size(), 2.0F, 10);
  const Result<SeparableBlock> block = create(shape, constants, has_last);
  ASSERT_TRUE(block) << block.error().message();
  const PlainPicture y = expected(shape, constants, has_last, x);
  std::vector<float> made(y.elements.size(), -1.0F);
  block->run(x.elements.data(), rows, columns, made.data());
  expect_near(made, y.elements);
}

class SeparableBlocks : public OnEveryTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, SeparableBlocks,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()), target_name);

TEST_P(SeparableBlocks, AreTheirThreeConvolutionsWhateverTheExtents) {
  const SeparableBlockShape shape{.inputs = 16, .middle = 8, .outputs = 16, .stride = 1};
  // Every remainder of a row's tiles.
  for (std::size_t columns = 1; columns <= 29; ++columns) {
    SCOPED_TRACE(columns);
    expect_definition(shape, constants_for(shape), true, 1 + columns % 4, columns);
  }
}

TEST_P(SeparableBlocks, AreTheirThreeConvolutionsForMultiplesOfEightChannels) {
  for (const std::size_t channels : {8U, 24U, 40U, 64U, 72U}) {
    for (const std::size_t middle : {8U, 16U, 32U, 56U}) {
      SCOPED_TRACE(std::to_string(channels) + " and " + std::to_string(middle));
      const SeparableBlockShape shape{
          .inputs = channels, .middle = middle, .outputs = channels, .stride = 1};
      expect_definition(shape, constants_for(shape), true, 3, 5);
    }
  }
}

TEST_P(SeparableBlocks, OfStrideTwoAddTheMaximaAndZeroChannels) {
  for (const std::size_t outputs : {16U, 32U, 56U}) {
    SCOPED_TRACE(outputs);
    const SeparableBlockShape shape{.inputs = 16, .middle = 24, .outputs = outputs, .stride = 2};
    expect_definition(shape, constants_for(shape), true, 8, 34);
    expect_definition(shape, constants_for(shape), true, 2, 2);
  }
}

TEST_P(SeparableBlocks, WithoutALastConvolutionEndWithTheDepthwiseOne) {
  const SeparableBlockShape shape{.inputs = 16, .middle = 24, .outputs = 24, .stride = 1};
  expect_definition(shape, constants_for(shape), false, 5, 17);
}

TEST_P(SeparableBlocks, LeaveOutWhatTheConstantsDoNotHave) {
  const SeparableBlockShape shape{.inputs = 16, .middle = 8, .outputs = 16, .stride = 1};
  Constants constants = constants_for(shape);
  constants.first.slope.clear();
  constants.depthwise.bias.clear();
  constants.depthwise.slope.clear();
  constants.last.bias.clear();
  expect_definition(shape, constants, true, 4, 9);
}

TEST(SeparableBlock, RunsOnManyThreadsAtOnce) {
  const SeparableBlockShape shape{.inputs = 16, .middle = 8, .outputs = 16, .stride = 1};
  const Constants constants = constants_for(shape);
  const SeparableBlock block = create(shape, constants).value();
  constexpr std::size_t kThreads = 4;
  std::array<std::vector<float>, kThreads> made;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&block, &out = made.at(i), rows = 4 + i] {
        const std::vector<float> x = numbers(rows * 20 * 16, 1.0F, 3);
        out.resize(x.size());
        for (int turn = 0; turn < 20; ++turn)
          block.run(x.data(), rows, 20, out.data());
      });
    }
  }
  for (std::size_t i = 0; i < kThreads; ++i) {
    PlainPicture x(4 + i, 20, 16);
    x.elements = numbers(x.elements.size(), 1.0F, 3);
    expect_near(made.at(i), expected(shape, constants, true, x).elements);
  }
}

TEST(SeparableBlock, RefusesChannelsThatFillNoVector) {
  SeparableBlockShape shape{.inputs = 12, .middle = 8, .outputs = 12, .stride = 1};
  const Result<SeparableBlock> block = create(shape, constants_for(shape));
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code(), ErrorCode::unsupported);
}

TEST(SeparableBlock, RefusesToAddPicturesOfOtherShape) {
  const SeparableBlockShape wider{.inputs = 8, .middle = 8, .outputs = 16, .stride = 1};
  const SeparableBlockShape narrower{.inputs = 16, .middle = 8, .outputs = 8, .stride = 2};
  EXPECT_EQ(create(wider, constants_for(wider)).error().code(), ErrorCode::unsupported);
  EXPECT_EQ(create(narrower, constants_for(narrower)).error().code(), ErrorCode::unsupported);
}

TEST(SeparableBlock, RefusesConstantsOfAnotherSize) {
  const SeparableBlockShape shape{.inputs = 16, .middle = 8, .outputs = 16, .stride = 1};
  Constants constants = constants_for(shape);
  constants.depthwise.weights.pop_back();
  const Result<SeparableBlock> block = create(shape, constants);
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(block.error().message(), HasSubstr("depthwise convolution"));
}

}  // namespace
}  // namespace retinue
