#include "tensor/tensor.hpp"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(ElementType, KnowsItsSizeAndName) {
  EXPECT_EQ(size_bytes(ElementType::uint8), 1U);
  EXPECT_EQ(size_bytes(ElementType::float16), 2U);
  EXPECT_EQ(size_bytes(ElementType::float32), 4U);
  EXPECT_EQ(size_bytes(ElementType::int64), 8U);
  EXPECT_EQ(name_of(ElementType::float32), "float32");
  EXPECT_EQ(name_of(ElementType::int8), "int8");
}

TEST(Shape, OfNoAxesHasOneElement) {
  EXPECT_EQ(Shape{}.rank(), 0U);
  EXPECT_EQ(Shape{}.element_count(), 1);
}

TEST(Shape, CountsTheProductOfItsExtents) {
  const Shape shape{1, 3, 256, 128};
  EXPECT_EQ(shape.rank(), 4U);
  EXPECT_EQ(shape.element_count(), 3 * 256 * 128);
  EXPECT_EQ(shape[2], 256);
}

TEST(Shape, TellsAnOpenAxis) {
  EXPECT_TRUE(Shape({-1, 3}).has_open_axis());
  EXPECT_FALSE(Shape({1, 3}).has_open_axis());
}

TEST(Shape, ComparesByExtents) {
  const std::array<std::int64_t, 2> extents{2, 5};
  EXPECT_EQ(Shape(extents), Shape({2, 5}));
  EXPECT_NE(Shape({2, 5}), Shape({2, 5, 1}));
  EXPECT_NE(Shape({2, 5}), Shape({5, 2}));
}

TEST(Shape, IsWrittenWithQuestionMarksForOpenAxes) {
  EXPECT_EQ(to_string(Shape{1, 3, 256, 256}), "[1,3,256,256]");
  EXPECT_EQ(to_string(Shape{-1, 478}), "[?,478]");
  EXPECT_EQ(to_string(Shape{}), "[]");
}

TEST(Tensor, LiesOnACacheLine) {
  const Tensor tensor(ElementType::uint8, {3});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.view().data) % 64, 0U);
}

TEST(Tensor, KeepsItsMemoryWhenItShrinksAndGrowsBack) {
  Tensor tensor(ElementType::float32, {4, 100});
  const void* memory = tensor.view().data;
  tensor.resize(ElementType::float32, {1, 100});
  EXPECT_EQ(tensor.view().data, memory);
  tensor.resize(ElementType::uint8, {4, 400});
  EXPECT_EQ(tensor.view().data, memory);
  EXPECT_EQ(tensor.view().size_bytes(), 1600U);
}

TEST(Tensor, GrowsToTheLargestShape) {
  Tensor tensor(ElementType::float32, {2});
  tensor.resize(ElementType::float32, {1000});
  tensor.floats()[999] = 7;
  EXPECT_EQ(tensor.floats().size(), 1000U);
  EXPECT_EQ(tensor.floats()[999], 7);
}

TEST(Tensor, MovesItsMemory) {
  Tensor from(ElementType::float32, {8});
  const void* memory = from.view().data;
  const Tensor to = std::move(from);
  EXPECT_EQ(to.view().data, memory);
}

TEST(Tensor, TellsItsMemoryAndHowOftenItGotSome) {
  Tensor tensor;
  EXPECT_EQ(tensor.statistics().tensors, 0);
  tensor.resize(ElementType::float32, {4});
  tensor.resize(ElementType::float32, {16});
  tensor.resize(ElementType::float32, {2});
  TensorStatistics statistics = tensor.statistics();
  statistics += Tensor(ElementType::uint8, {10}).statistics();
  EXPECT_EQ(statistics.tensors, 2);
  EXPECT_EQ(statistics.bytes, 74);
  EXPECT_EQ(statistics.allocations, 3);
}

TEST(TensorView, ASliceIsAPartOfTheOutermostAxis) {
  Tensor tensor(ElementType::float32, {4, 2, 3});
  const TensorView part = tensor.view().slice(1, 2);
  EXPECT_EQ(part.shape, Shape({2, 2, 3}));
  EXPECT_EQ(part.floats().data(), tensor.floats().data() + 6);
  EXPECT_EQ(part.size_bytes(), 48U);
}

TEST(TensorView, ASliceCountsInBytesOfItsOwnElements) {
  Tensor tensor(ElementType::uint8, {5, 7});
  const TensorView last = tensor.view().slice(4, 1);
  EXPECT_EQ(static_cast<std::byte*>(last.data) - static_cast<std::byte*>(tensor.view().data), 28);
}

}  // namespace
}  // namespace retinue
