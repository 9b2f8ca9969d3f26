// What a sampler keeps between calls changes neither its results nor, once it has seen the largest
// region, its memory.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "allocation/allocation_count.hpp"
#include "preprocess/sampler.hpp"
#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

constexpr Size kTensor{48, 40};

/// Along the rows, along the columns, turned; enlarging and shrinking.
constexpr auto kMaps = std::to_array<Affine<UprightPx, TensorPx>>({
    {.xx = 2.5, .x0 = 3, .yy = 2.5, .y0 = -4},
    {.xx = 0, .xy = 2.1, .x0 = 3, .yx = 2.1, .yy = 0, .y0 = 1},
    {.xx = 0.7, .xy = -0.3, .x0 = 30, .yx = 0.3, .yy = 0.7, .y0 = 20},
    {.xx = 2.7, .xy = -1.3, .x0 = 30, .yx = 1.3, .yy = 2.7, .y0 = 10},
});

std::vector<float> sample(Sampler& sampler, const TestPicture& picture,
                          const Affine<UprightPx, TensorPx>& map) {
  Tensor tensor(ElementType::float32, {1, 3, kTensor.height, kTensor.width});
  EXPECT_TRUE(sampler.sample(picture.frame(), map, {.border = Border::constant}, tensor.view()));
  return {tensor.floats().begin(), tensor.floats().end()};
}

TEST(SamplerState, AUsedSamplerGivesTheBytesOfANewOne) {
  TestPicture video({.format = PixelFormat::yuv420p, .size = {160, 120}});
  TestPicture still({.format = PixelFormat::bgra, .size = {151, 99}});
  video.fill_with_noise(1);
  still.fill_with_noise(2);
  const auto used = create_sampler({}).value();
  for (int round = 0; round < 2; ++round) {
    for (const auto& map : kMaps) {
      for (const TestPicture* picture : {&video, &still}) {
        const auto fresh = create_sampler({}).value();
        EXPECT_EQ(sample(*used, *picture, map), sample(*fresh, *picture, map));
      }
    }
  }
}

TEST(SamplerState, AllocatesNothingOnceItHasSeenTheRegions) {
  TestPicture picture({.format = PixelFormat::nv12, .size = {160, 120}});
  const Frame frame = picture.fill_with_noise(1).frame();
  const auto sampler = create_sampler({}).value();
  Tensor tensor(ElementType::float32, {1, 3, kTensor.height, kTensor.width});
  AllocationCount allocated;
  for (int round = 0; round < 2; ++round) {
    start_counting_allocations();
    for (const auto& map : kMaps)
      ASSERT_TRUE(sampler->sample(frame, map, {}, tensor.view()));
    allocated = stop_counting_allocations();
  }
  EXPECT_EQ(allocated.own, 0) << own_allocations_by_module();
}

}  // namespace
}  // namespace retinue
