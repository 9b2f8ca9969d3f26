#include "postprocess/face_embedding.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

Tensor tensor_of(const std::vector<float>& values) {
  Tensor tensor(ElementType::float32, {1, static_cast<std::int64_t>(values.size())});
  std::ranges::copy(values, tensor.view().floats().begin());
  return tensor;
}

TEST(ReadFaceEmbedding, BringsTheVectorToUnitLength) {
  const Tensor output = tensor_of({3, 0, -4});
  const Result<Embedding> embedding = read_face_embedding(output.view());
  ASSERT_TRUE(embedding) << embedding.error().message();
  EXPECT_THAT(embedding->values(), ElementsAre(0.6F, 0, -0.8F));
}

TEST(ReadFaceEmbedding, TakesAnyLengthUpTo512) {
  for (const std::size_t length : {1U, 128U, 512U}) {
    const Tensor output = tensor_of(std::vector<float>(length, 1e-20F));
    const Result<Embedding> embedding = read_face_embedding(output.view());
    ASSERT_TRUE(embedding) << embedding.error().message();
    ASSERT_THAT(embedding->values(), SizeIs(length));
    EXPECT_NEAR(embedding->values().back(), 1 / std::sqrt(static_cast<double>(length)), 1e-6);
  }
  const Tensor longer = tensor_of(std::vector<float>(513, 1));
  EXPECT_THAT(read_face_embedding(longer.view()).error().message(), HasSubstr("need 1 to 512"));
}

TEST(ReadFaceEmbedding, RefusesAVectorWithoutADirection) {
  for (const float value :
       {0.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const Tensor output = tensor_of({value, 0});
    const Result<Embedding> embedding = read_face_embedding(output.view());
    ASSERT_FALSE(embedding) << value;
    EXPECT_EQ(embedding.error().code(), ErrorCode::corrupt_input);
  }
}

TEST(ReadFaceEmbedding, RefusesAnotherType) {
  const Tensor output(ElementType::uint8, {1, 128});
  EXPECT_EQ(read_face_embedding(output.view()).error().code(), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace retinue
