#include "postprocess/non_maximum_suppression.hpp"

#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geometry/space.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Candidate {
  int name;
  float score;
  Box<TensorPx> box;
};

constexpr std::size_t kAll = 1000;

/// The names of what is kept, in their order.
std::vector<int> kept(std::vector<Candidate> candidates, float max_iou = 0.3F,
                      std::size_t max_count = kAll) {
  suppress_non_maxima(candidates, max_iou, max_count);
  std::vector<int> names;
  names.reserve(candidates.size());
  for (const Candidate& candidate : candidates)
    names.push_back(candidate.name);
  return names;
}

TEST(SuppressNonMaxima, KeepsNothingOfNothing) {
  EXPECT_THAT(kept({}), IsEmpty());
}

TEST(SuppressNonMaxima, KeepsTheOnlyOne) {
  EXPECT_THAT(kept({{1, 0.5F, {0, 0, 10, 10}}}), ElementsAre(1));
}

TEST(SuppressNonMaxima, KeepsStrangersBestFirst) {
  EXPECT_THAT(kept({{1, 0.5F, {0, 0, 10, 10}}, {2, 0.9F, {50, 0, 10, 10}}}), ElementsAre(2, 1));
}

TEST(SuppressNonMaxima, KeepsTheBestOfThoseThatOverlap) {
  EXPECT_THAT(kept({{1, 0.5F, {0, 0, 10, 10}}, {2, 0.9F, {1, 0, 10, 10}}}), ElementsAre(2));
}

TEST(SuppressNonMaxima, KeepsAnOverlapOfExactlyTheLimit) {
  // 10 x 10 boxes that share 5 x 10: IoU 1/3.
  const std::vector<Candidate> candidates = {{1, 0.9F, {0, 0, 10, 10}}, {2, 0.8F, {5, 0, 10, 10}}};
  EXPECT_THAT(kept(candidates, 1.0F / 3), ElementsAre(1, 2));
  EXPECT_THAT(kept(candidates, 0.33F), ElementsAre(1));
}

TEST(SuppressNonMaxima, WhatIsSuppressedSuppressesNothing) {
  // 2 overlaps 1 and 3; 1 and 3 hardly touch.
  EXPECT_THAT(
      kept({{1, 0.9F, {0, 0, 10, 10}}, {2, 0.8F, {4, 0, 10, 10}}, {3, 0.7F, {9, 0, 10, 10}}}),
      ElementsAre(1, 3));
}

TEST(SuppressNonMaxima, EqualScoresKeepTheirOrder) {
  EXPECT_THAT(kept({{1, 0.5F, {0, 0, 10, 10}},
                    {2, 0.5F, {50, 0, 10, 10}},
                    {3, 0.5F, {1, 0, 10, 10}},
                    {4, 0.5F, {90, 0, 10, 10}}}),
              ElementsAre(1, 2, 4));
}

TEST(SuppressNonMaxima, KeepsNoMoreThanTheLimit) {
  const std::vector<Candidate> candidates = {
      {1, 0.7F, {0, 0, 10, 10}}, {2, 0.9F, {50, 0, 10, 10}}, {3, 0.8F, {90, 0, 10, 10}}};
  EXPECT_THAT(kept(candidates, 0.3F, 2), ElementsAre(2, 3));
  EXPECT_THAT(kept(candidates, 0.3F, 0), IsEmpty());
}

TEST(SuppressNonMaxima, EmptyBoxesOverlapNothing) {
  EXPECT_THAT(kept({{1, 0.9F, {5, 5, 0, 0}}, {2, 0.8F, {5, 5, 0, 0}}, {3, 0.7F, {0, 0, 10, 10}}}),
              ElementsAre(1, 2, 3));
}

TEST(SuppressNonMaxima, NoTwoThatAreKeptOverlapAndAllOthersOverlapABetterOne) {
  std::mt19937 random(8);
  std::uniform_real_distribution<float> place(0, 100);
  std::uniform_real_distribution<float> extent(1, 40);
  std::vector<Candidate> all;
  all.reserve(200);
  for (int i = 0; i < 200; ++i) {
    all.push_back({i,
                   static_cast<float>(i % 37),
                   {place(random), place(random), extent(random), extent(random)}});
  }
  std::vector<Candidate> survivors = all;
  suppress_non_maxima(survivors, 0.3F, kAll);
  for (const Candidate& candidate : all) {
    int overlapped_by_better = 0;
    bool survives = false;
    for (const Candidate& survivor : survivors) {
      if (survivor.name == candidate.name) {
        survives = true;
      } else if (survivor.score >= candidate.score && iou(survivor.box, candidate.box) > 0.3F) {
        ++overlapped_by_better;
      }
    }
    EXPECT_EQ(survives, overlapped_by_better == 0) << candidate.name;
  }
}

}  // namespace
}  // namespace retinue
