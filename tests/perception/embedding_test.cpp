#include "perception/embedding.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Embedding, IsEmptyAtFirst) {
  EXPECT_THAT(Embedding().values(), IsEmpty());
}

TEST(Embedding, KeepsItsNumbersWhereverItGoes) {
  Embedding copy;
  {
    const std::vector<float> values = {0.6F, -0.8F};
    copy = Embedding(values);
  }
  EXPECT_THAT(copy.values(), ElementsAre(0.6F, -0.8F));
}

TEST(Embedding, HasRoomFor512Numbers) {
  EXPECT_THAT(Embedding(std::vector<float>(512, 0.1F)).values(), SizeIs(512));
  EXPECT_THAT(Embedding(std::vector<float>(513, 0.1F)).values(), SizeIs(512));
}

}  // namespace
}  // namespace retinue
