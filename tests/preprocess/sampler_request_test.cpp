// What the sampler accepts, and what it says about the rest.
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "preprocess/sampler.hpp"
#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

using ::testing::HasSubstr;

class SamplerRequest : public ::testing::Test {
 protected:
  Result<void> sample(const SampleSpec& spec, TensorView out,
                      const Affine<UprightPx, TensorPx>& map = {}) {
    return sampler_->sample(picture_.frame(), map, spec, out);
  }

  TestPicture picture_{{.format = PixelFormat::gray8, .size = {16, 8}}};
  std::unique_ptr<Sampler> sampler_ = create_sampler({}).value();
};

TEST_F(SamplerRequest, TakesATensorThatFitsTheSpec) {
  Tensor planar(ElementType::float32, {1, 3, 4, 5});
  Tensor packed(ElementType::uint8, {1, 4, 5, 3});
  Tensor display(ElementType::uint8, {1, 4, 5, 4});
  EXPECT_TRUE(sample({}, planar.view()));
  EXPECT_TRUE(sample({.layout = TensorLayout::nhwc, .type = ElementType::uint8}, packed.view()));
  EXPECT_TRUE(sample(
      {.layout = TensorLayout::nhwc, .channels = ChannelOrder::bgrx, .type = ElementType::uint8},
      display.view()));
  Tensor grey(ElementType::float32, {1, 1, 4, 5});
  EXPECT_TRUE(sample({.channels = ChannelOrder::grey}, grey.view()));
}

TEST_F(SamplerRequest, RefusesAShapeThatTheLayoutDoesNotMake) {
  Tensor packed(ElementType::float32, {1, 4, 5, 3});
  const Result<void> result = sample({.layout = TensorLayout::nchw}, packed.view());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(result.error().message(), HasSubstr("'[1,4,5,3]': expected float32 [1,3,H,W]"));
}

TEST_F(SamplerRequest, RefusesColoursWhereOneChannelWasAskedFor) {
  Tensor planar(ElementType::float32, {1, 3, 4, 5});
  const Result<void> result = sample({.channels = ChannelOrder::grey}, planar.view());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("expected float32 [1,1,H,W]"));
}

TEST_F(SamplerRequest, RefusesABatch) {
  Tensor batch(ElementType::float32, {2, 3, 4, 5});
  EXPECT_EQ(sample({}, batch.view()).error().code(), ErrorCode::invalid_argument);
}

TEST_F(SamplerRequest, RefusesAnElementTypeOtherThanTheSpecs) {
  Tensor bytes(ElementType::uint8, {1, 3, 4, 5});
  EXPECT_EQ(sample({}, bytes.view()).error().code(), ErrorCode::invalid_argument);
}

TEST_F(SamplerRequest, RefusesElementTypesThatItCannotWrite) {
  Tensor half(ElementType::float16, {1, 3, 4, 5});
  const Result<void> result = sample({.type = ElementType::float16}, half.view());
  EXPECT_THAT(result.error().message(),
              HasSubstr("'float16': the sampler writes float32 or uint8"));
}

TEST_F(SamplerRequest, RefusesDisplayPicturesOfFloats) {
  Tensor floats(ElementType::float32, {1, 4, 5, 4});
  const SampleSpec spec{.layout = TensorLayout::nhwc, .channels = ChannelOrder::bgrx};
  EXPECT_EQ(sample(spec, floats.view()).error().code(), ErrorCode::invalid_argument);
}

TEST_F(SamplerRequest, RefusesAMapThatFlattensThePicture) {
  Tensor out(ElementType::float32, {1, 3, 4, 5});
  const Result<void> result = sample({}, out.view(), {.xx = 2, .xy = 4, .yx = 1, .yy = 2});
  EXPECT_THAT(result.error().message(), HasSubstr("singular or not finite"));
}

TEST_F(SamplerRequest, RefusesAMapWithNotANumber) {
  Tensor out(ElementType::float32, {1, 3, 4, 5});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(sample({}, out.view(), {.x0 = nan}).error().code(), ErrorCode::invalid_argument);
}

TEST_F(SamplerRequest, RefusesAFrameInDeviceMemory) {
  Tensor out(ElementType::float32, {1, 3, 4, 5});
  const Frame frame({.geometry = {.stored = {16, 8}}, .memory = MemoryKind::cuda});
  const Result<void> result = sampler_->sample(frame, {}, {}, out.view());
  EXPECT_EQ(result.error().code(), ErrorCode::unsupported);
}

TEST(CreateSampler, SaysThatThisBuildHasNoneForAGpu) {
  const auto sampler = create_sampler({Device::Kind::cuda, 1});
  ASSERT_FALSE(sampler);
  EXPECT_EQ(sampler.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(sampler.error().message(), HasSubstr("'cuda:1'"));
}

}  // namespace
}  // namespace retinue
