// What a sampler keeps between calls changes neither its results nor, once it has seen the largest
// region, its memory.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "preprocess/sampler.hpp"
#include "preprocess/test_picture.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted_allocation(std::size_t size_bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (size_bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, std::max(rounded, alignment));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return counted_allocation(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size) {
  return counted_allocation(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_allocation(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted_allocation(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

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
  std::size_t allocated = 0;
  for (int round = 0; round < 2; ++round) {
    const std::size_t before = allocations;
    for (const auto& map : kMaps)
      ASSERT_TRUE(sampler->sample(frame, map, {}, tensor.view()));
    allocated = allocations - before;
  }
  EXPECT_EQ(allocated, 0U);
}

}  // namespace
}  // namespace retinue
