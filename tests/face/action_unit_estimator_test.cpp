#include "face/action_unit_estimator.hpp"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "face/blendshape_action_units.hpp"
#include "face/resting_face.hpp"

namespace retinue {
namespace {

constexpr auto kBrowLowerer = static_cast<std::size_t>(ActionUnit::au04);
constexpr auto kSmile = static_cast<std::size_t>(ActionUnit::au12);

MediaTime frame(int index) {
  return {std::chrono::milliseconds(40 * index)};
}

Face face_with(std::uint32_t track, float brow_down, float smile = 0) {
  Face face = resting_face();
  face.track = TrackId{track};
  move(face, "browDown", brow_down);
  move(face, "mouthSmile", smile);
  return face;
}

ActionUnits estimated(ActionUnitEstimator& estimator, const Face& face, MediaTime time) {
  std::vector<Face> faces = {face};
  estimator.estimate(faces, time);
  EXPECT_TRUE(faces[0].action_units);
  return faces[0].action_units.value_or(ActionUnits{});
}

TEST(ActionUnitEstimator, NoFacesAreNoWork) {
  ActionUnitEstimator estimator;
  std::vector<Face> faces;
  estimator.estimate(faces, frame(0));
  EXPECT_TRUE(faces.empty());
}

TEST(ActionUnitEstimator, AFaceWithoutBlendshapesHasNone) {
  ActionUnitEstimator estimator;
  std::vector<Face> faces = {face_with(1, 0), face_with(2, 0)};
  faces[0].blendshapes.reset();
  faces[1].landmarks.clear();
  estimator.estimate(faces, frame(0));
  EXPECT_FALSE(faces[0].action_units);
  EXPECT_FALSE(faces[1].action_units);
}

TEST(ActionUnitEstimator, OneFrameIsMeasuredAgainstPeopleInGeneral) {
  ActionUnitEstimator estimator;
  Face face = face_with(1, 0.6F);
  const float tracked = estimated(estimator, face, frame(0)).intensity[kBrowLowerer];
  face.track.reset();
  const float untracked = estimated(estimator, face, frame(0)).intensity[kBrowLowerer];
  const ActionUnitScale& scale = action_unit_scales()[kBrowLowerer];
  const float expected = 5 * (0.6F - scale.neutral) / (scale.full - scale.neutral);
  EXPECT_NEAR(tracked, expected, 1e-4);
  EXPECT_NEAR(untracked, expected, 1e-4);
}

TEST(ActionUnitEstimator, WhatAPersonsFaceDoesAtRestIsTakenOff) {
  ActionUnitEstimator estimator;
  const float at_first = estimated(estimator, face_with(1, 0.5F), frame(0)).intensity[kBrowLowerer];
  for (int i = 1; i < 750; ++i)
    estimated(estimator, face_with(1, 0.5F), frame(i));
  const float at_last =
      estimated(estimator, face_with(1, 0.5F), frame(750)).intensity[kBrowLowerer];
  EXPECT_GT(at_first, 2.5F);
  EXPECT_LT(at_last, 0.5F) << "30 s of brows that are always so low";
  EXPECT_GT(estimated(estimator, face_with(1, 0.9F), frame(751)).intensity[kBrowLowerer], 1.5F)
      << "lowering them further still shows";
}

TEST(ActionUnitEstimator, ShortExpressionsAreNoRest) {
  ActionUnitEstimator estimator;
  for (int i = 0; i < 250; ++i) {
    const float brow_down = i % 10 < 3 ? 0.8F : 0.02F;
    estimated(estimator, face_with(1, brow_down), frame(i));
  }
  EXPECT_GT(estimated(estimator, face_with(1, 0.8F), frame(250)).intensity[kBrowLowerer], 4.5F);
}

TEST(ActionUnitEstimator, ASmileThatLastsIsStillASmile) {
  ActionUnitEstimator estimator;
  for (int i = 0; i < 750; ++i)
    estimated(estimator, face_with(1, 0, 0.9F), frame(i));
  EXPECT_GT(estimated(estimator, face_with(1, 0, 0.9F), frame(750)).intensity[kSmile], 3);
}

TEST(ActionUnitEstimator, PersonsAreKeptApart) {
  ActionUnitEstimator together;
  ActionUnitEstimator alone;
  for (int i = 0; i < 200; ++i) {
    std::vector<Face> faces = {face_with(1, 0.5F), face_with(2, 0.1F)};
    together.estimate(faces, frame(i));
    EXPECT_EQ(estimated(alone, face_with(2, 0.1F), frame(i)).intensity,
              faces[1].action_units->intensity);
  }
}

TEST(ActionUnitEstimator, APersonWhoComesBackIsKnown) {
  ActionUnitEstimator estimator;
  for (int i = 0; i < 250; ++i)
    estimated(estimator, face_with(1, 0.5F), frame(i));
  const float before = estimated(estimator, face_with(1, 0.5F), frame(250)).intensity[kBrowLowerer];
  std::vector<Face> nobody;
  estimator.estimate(nobody, frame(270));
  EXPECT_NEAR(estimated(estimator, face_with(1, 0.5F), frame(270)).intensity[kBrowLowerer], before,
              0.05);
}

TEST(ActionUnitEstimator, APersonNotSeenForLongIsForgotten) {
  ActionUnitEstimator estimator;
  const float fresh = estimated(estimator, face_with(1, 0.5F), frame(0)).intensity[kBrowLowerer];
  for (int i = 1; i < 250; ++i)
    estimated(estimator, face_with(1, 0.5F), frame(i));
  EXPECT_EQ(estimated(estimator, face_with(1, 0.5F), frame(280)).intensity[kBrowLowerer], fresh);
}

TEST(ActionUnitEstimator, APersonWhoHadNoMeshForLongIsKnown) {
  ActionUnitEstimator estimator;
  for (int i = 0; i < 250; ++i)
    estimated(estimator, face_with(1, 0.5F), frame(i));
  const float before = estimated(estimator, face_with(1, 0.5F), frame(250)).intensity[kBrowLowerer];
  for (int i = 251; i < 400; ++i) {
    std::vector<Face> turned_away(1);
    turned_away[0].track = TrackId{1};
    estimator.estimate(turned_away, frame(i));
  }
  EXPECT_NEAR(estimated(estimator, face_with(1, 0.5F), frame(400)).intensity[kBrowLowerer], before,
              0.05);
}

TEST(ActionUnitEstimator, ResetForgetsEverybody) {
  ActionUnitEstimator estimator;
  const float fresh = estimated(estimator, face_with(1, 0.5F), frame(0)).intensity[kBrowLowerer];
  for (int i = 1; i < 250; ++i)
    estimated(estimator, face_with(1, 0.5F), frame(i));
  estimator.reset();
  EXPECT_EQ(estimated(estimator, face_with(1, 0.5F), frame(250)).intensity[kBrowLowerer], fresh);
}

TEST(ActionUnitEstimator, CountsTimeNotFrames) {
  ActionUnitEstimator slow;
  ActionUnitEstimator quick;
  float at_slow = 0;
  float at_quick = 0;
  for (int i = 0; i <= 100; ++i)
    at_slow = estimated(slow, face_with(1, 0.5F), {std::chrono::milliseconds(100 * i)})
                  .intensity[kBrowLowerer];
  for (int i = 0; i <= 1000; ++i)
    at_quick = estimated(quick, face_with(1, 0.5F), {std::chrono::milliseconds(10 * i)})
                   .intensity[kBrowLowerer];
  // The medians are of one bin each, in which they may lie differently: 1/256 of activation.
  EXPECT_NEAR(at_slow, at_quick, 5.0 / 256 / 0.78);
}

}  // namespace
}  // namespace retinue
