#include "kernels/stem_convolution.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "plain_convolution.hpp"

namespace retinue {
namespace {

class StemConvolutions : public OnEveryTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, StemConvolutions,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()), target_name);

PlainConstants constants_for(const StemConvolutionShape& shape) {
  return plain_constants(shape.outputs, shape.inputs * shape.kernel * shape.kernel, 1);
}

/// The planes of a picture, one after the other.
std::vector<float> planes_of(const PlainPicture& x) {
  std::vector<float> planes;
  for (std::size_t channel = 0; channel < x.channels; ++channel) {
    for (std::size_t i = channel; i < x.elements.size(); i += x.channels)
      planes.push_back(x.elements[i]);
  }
  return planes;
}

void expect_definition(const StemConvolutionShape& shape, std::size_t rows, std::size_t columns) {
  const PlainConstants constants = constants_for(shape);
  const Result<StemConvolution> stem = StemConvolution::create(shape, constants.view());
  ASSERT_TRUE(stem) << stem.error().message();
  PlainPicture x(rows, columns, shape.inputs);
  x.elements = numbers(x.elements.size(), 2.0F, 5);
  const PlainPicture y = activated(convolve(x, constants,
                                            {.kernel = shape.kernel,
                                             .stride = shape.stride,
                                             .top = shape.pad_top,
                                             .left = shape.pad_left,
                                             .depthwise = false},
                                            stem->out_rows(rows), stem->out_columns(columns)),
                                   constants);
  std::vector<float> made(y.elements.size(), -1.0F);
  stem->run(planes_of(x).data(), rows, columns, made.data());
  expect_near(made, y.elements);
}

TEST_P(StemConvolutions, AreTheConvolutionOfPlanesWithZerosAround) {
  StemConvolutionShape shape{.inputs = 3, .outputs = 16, .kernel = 3, .stride = 2};
  shape.pad_bottom = 1;
  shape.pad_right = 1;
  expect_definition(shape, 32, 30);
  shape.pad_top = 1;
  shape.pad_left = 1;
  expect_definition(shape, 7, 45);
}

TEST_P(StemConvolutions, TakeOtherWindowsAndStrides) {
  expect_definition({.inputs = 1, .outputs = 8, .kernel = 1, .stride = 1}, 3, 5);
  expect_definition({.inputs = 4, .outputs = 40, .kernel = 5, .stride = 3, .pad_top = 2}, 9, 21);
}

TEST(StemConvolution, SaysHowManyWindowsThereAre) {
  const StemConvolutionShape shape{
      .inputs = 3, .outputs = 16, .kernel = 3, .stride = 2, .pad_bottom = 1};
  const PlainConstants constants = constants_for(shape);
  const StemConvolution stem = StemConvolution::create(shape, constants.view()).value();
  EXPECT_EQ(stem.out_rows(256), 128U);
  EXPECT_EQ(stem.out_columns(256), 127U);
  EXPECT_EQ(stem.out_rows(1), 0U);
}

TEST(StemConvolution, RefusesShapesItIsNotMadeFor) {
  for (const StemConvolutionShape& shape :
       {StemConvolutionShape{.inputs = 64, .outputs = 16},
        StemConvolutionShape{.inputs = 3, .outputs = 12},
        StemConvolutionShape{.inputs = 3, .outputs = 16, .stride = 0},
        StemConvolutionShape{.inputs = 3, .outputs = 16, .kernel = 3, .pad_left = 3}}) {
    const PlainConstants constants = constants_for(shape);
    const Result<StemConvolution> stem = StemConvolution::create(shape, constants.view());
    ASSERT_FALSE(stem);
    EXPECT_EQ(stem.error().code(), ErrorCode::unsupported);
  }
}

TEST(StemConvolution, RefusesConstantsOfAnotherSize) {
  const StemConvolutionShape shape{.inputs = 3, .outputs = 16};
  PlainConstants constants = constants_for(shape);
  constants.bias.pop_back();
  EXPECT_EQ(StemConvolution::create(shape, constants.view()).error().code(),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace retinue
