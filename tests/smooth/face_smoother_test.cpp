#include "smooth/face_smoother.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

MediaTime frame(int index, double fps = 30) {
  return {nanoseconds(std::llround(index / fps * 1e9))};
}

/// A face of 100 pixels at (x, y) with everything that can be measured.
Face face_at(std::uint32_t track, float x, float y) {
  Face face;
  face.track = TrackId{track};
  face.score = 0.9F;
  face.presence = 0.8F;
  face.box = {x - 50, y - 50, 100, 100};
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i)
    face.keypoints[i] = {x + static_cast<float>(i), y};
  for (std::size_t i = 0; i < kFaceLandmarkCount; ++i) {
    const auto offset = static_cast<float>(i);
    face.landmarks.push_back({x + 0.1F * offset, y - 0.1F * offset, -x});
  }
  face.blendshapes.emplace();
  face.blendshapes->fill(x / 1000);
  face.head_pose = HeadPose{
      .yaw_deg = x / 10, .pitch_deg = y / 10, .roll_deg = 0, .translation_mm = {x, y, 600}};
  face.emotions = Emotions{x / 1000, 0, 0, 1 - x / 1000, 0, 0, 0};
  face.gaze =
      Gaze{.direction = {x / 10, y / 10}, .left = {{x / 20, y / 20}}, .right = {{x / 30, 0}}};
  return face;
}

Face smoothed(FaceSmoother& smoother, Face face, MediaTime time) {
  std::vector<Face> faces = {std::move(face)};
  smoother.smooth(faces, time);
  return faces[0];
}

void expect_same(const Face& a, const Face& b) {
  EXPECT_EQ(a.box, b.box);
  EXPECT_EQ(a.keypoints, b.keypoints);
  EXPECT_EQ(a.landmarks, b.landmarks);
  EXPECT_EQ(a.blendshapes, b.blendshapes);
  EXPECT_EQ(a.head_pose->yaw_deg, b.head_pose->yaw_deg);
  EXPECT_EQ(a.head_pose->translation_mm, b.head_pose->translation_mm);
  EXPECT_EQ(a.gaze, b.gaze);
}

TEST(FaceSmoother, CalmsAGazeThatTremblesAndKeepsItsMean) {
  FaceSmoother smoother;
  float least = 180;
  float most = -180;
  for (int i = 0; i < 90; ++i) {
    Face face = face_at(1, 100, 100);
    face.gaze->direction = {10 + (i % 2 == 0 ? 2.0F : -2.0F), 0};
    const float yaw_deg = smoothed(smoother, face, frame(i)).gaze->direction.yaw_deg;
    if (i < 45) continue;
    least = std::min(least, yaw_deg);
    most = std::max(most, yaw_deg);
  }
  EXPECT_LT(most - least, 2);  // Raw: 4.
  EXPECT_NEAR((most + least) / 2, 10, 0.5);
}

TEST(FaceSmoother, EmotionsThatTrembleAreCalmedAndStayProbabilities) {
  FaceSmoother smoother;
  float least = 1;
  float most = 0;
  for (int i = 0; i < 90; ++i) {
    Face face = face_at(1, 100, 100);
    const float tremble = i % 2 == 0 ? 0.1F : -0.1F;
    face.emotions = Emotions{0.1F, 0, 0, 0.5F + tremble, 0, 0, 0.4F - tremble};
    const Emotions emotions = *smoothed(smoother, face, frame(i)).emotions;
    EXPECT_NEAR(std::accumulate(emotions.begin(), emotions.end(), 0.0F), 1, 1e-5);
    if (i < 45) continue;
    least = std::min(least, emotions[3]);
    most = std::max(most, emotions[3]);
  }
  EXPECT_LT(most - least, 0.1);  // Raw: 0.2.
  EXPECT_NEAR((most + least) / 2, 0.5, 0.05);
}

TEST(FaceSmoother, LeavesEmbeddingsAlone) {
  FaceSmoother smoother;
  for (int i = 0; i < 3; ++i) {
    Face face = face_at(1, 100, 100);
    const std::array values = {i == 1 ? 1.0F : 0.0F, i == 1 ? 0.0F : 1.0F};
    face.embedding = Embedding(values);
    EXPECT_TRUE(std::ranges::equal(smoothed(smoother, face, frame(i)).embedding->values(), values));
  }
}

TEST(FaceSmoother, AShutEyeStaysWithoutGaze) {
  FaceSmoother smoother;
  for (int i = 0; i < 3; ++i) {
    Face face = face_at(1, 100, 100);
    if (i == 1) face.gaze->left.reset();
    if (i == 2) face.gaze.reset();
    const Face out = smoothed(smoother, face, frame(i));
    EXPECT_EQ(out.gaze.has_value(), i != 2);
    if (i == 1) {
      EXPECT_FALSE(out.gaze->left);
      EXPECT_TRUE(out.gaze->right);
    }
  }
}

TEST(FaceSmoother, NoFacesAreNoWork) {
  FaceSmoother smoother;
  std::vector<Face> faces;
  smoother.smooth(faces, frame(0));
  EXPECT_TRUE(faces.empty());
}

TEST(FaceSmoother, LeavesTheFirstSightOfAFaceAlone) {
  FaceSmoother smoother;
  const Face face = face_at(1, 200, 300);
  expect_same(smoothed(smoother, face, frame(0)), face);
}

TEST(FaceSmoother, LeavesAFaceWithoutATrackAlone) {
  FaceSmoother smoother;
  Face face = face_at(1, 200, 300);
  smoothed(smoother, face, frame(0));
  face = face_at(1, 210, 300);
  face.track.reset();
  expect_same(smoothed(smoother, face, frame(1)), face);
}

TEST(FaceSmoother, SmoothsEverythingThatMovesButTheScores) {
  FaceSmoother smoother;
  smoothed(smoother, face_at(1, 200, 300), frame(0));
  const Face raw = face_at(1, 201, 301);
  const Face smooth = smoothed(smoother, raw, frame(1));
  EXPECT_LT(smooth.box.x, raw.box.x);
  EXPECT_LT(smooth.box.bottom(), raw.box.bottom());
  EXPECT_LT(smooth.keypoints[4].x, raw.keypoints[4].x);
  EXPECT_LT(smooth.landmarks[477].y, raw.landmarks[477].y);
  EXPECT_GT(smooth.landmarks[0].z, raw.landmarks[0].z);
  EXPECT_LT((*smooth.blendshapes)[51], (*raw.blendshapes)[51]);
  EXPECT_LT(smooth.head_pose->yaw_deg, raw.head_pose->yaw_deg);
  EXPECT_LT(smooth.head_pose->pitch_deg, raw.head_pose->pitch_deg);
  EXPECT_LT(smooth.head_pose->translation_mm[0], raw.head_pose->translation_mm[0]);
  EXPECT_EQ(smooth.score, raw.score);
  EXPECT_EQ(smooth.presence, raw.presence);
}

TEST(FaceSmoother, AStillFaceIsAtLeastThreeTimesStiller) {
  std::mt19937 random(6);
  // Half a per cent of the face: what the landmarks of a video of one picture tremble by.
  std::normal_distribution<float> noise(0, 0.5F);
  FaceSmoother smoother;
  double raw_change = 0;
  double smooth_change = 0;
  Face last_raw;
  Face last_smooth;
  for (int i = 0; i < 300; ++i) {
    const Face raw = face_at(1, 200 + noise(random), 300);
    const Face smooth = smoothed(smoother, raw, frame(i));
    if (i >= 30) {
      raw_change += std::abs(static_cast<double>(raw.landmarks[5].x - last_raw.landmarks[5].x));
      smooth_change +=
          std::abs(static_cast<double>(smooth.landmarks[5].x - last_smooth.landmarks[5].x));
    }
    last_raw = raw;
    last_smooth = smooth;
  }
  EXPECT_LT(smooth_change, raw_change / 3);
}

TEST(FaceSmoother, AMovingFaceLagsByLessThanHalfAFrame) {
  constexpr float kSpeed = 4;  // Pixels a frame: more than a face's size a second.
  FaceSmoother smoother;
  for (int i = 0; i < 60; ++i) {
    const Face raw = face_at(1, 200 + kSpeed * static_cast<float>(i), 300);
    const Face smooth = smoothed(smoother, raw, frame(i));
    if (i < 10) continue;  // Until the speed is known.
    EXPECT_LT(raw.landmarks[0].x - smooth.landmarks[0].x, kSpeed / 2) << i;
  }
}

TEST(FaceSmoother, TheSizeOfTheFaceDoesNotMatter) {
  // The same movement, twice as large in a picture twice as large.
  FaceSmoother small;
  FaceSmoother large;
  for (int i = 0; i < 20; ++i) {
    Face raw = face_at(1, 200 + 10 * std::sin(static_cast<float>(i)), 300);
    Face twice = raw;
    twice.box = {2 * raw.box.x, 2 * raw.box.y, 2 * raw.box.width, 2 * raw.box.height};
    for (Point3<FramePx>& p : twice.landmarks)
      p = {2 * p.x, 2 * p.y, 2 * p.z};
    EXPECT_NEAR(smoothed(large, twice, frame(i)).landmarks[9].x,
                2 * smoothed(small, raw, frame(i)).landmarks[9].x, 0.01);
  }
}

TEST(FaceSmoother, TracksDoNotTouchEachOther) {
  FaceSmoother both;
  FaceSmoother alone;
  for (int i = 0; i < 20; ++i) {
    std::vector<Face> faces = {face_at(2, static_cast<float>(900 - 20 * i), 100),
                               face_at(1, 200 + std::sin(static_cast<float>(i)), 300)};
    const Face expected = smoothed(alone, faces[1], frame(i));
    both.smooth(faces, frame(i));
    expect_same(faces[1], expected);
  }
}

TEST(FaceSmoother, AnAngleThatPassesTheHalfTurnTakesTheShortWay) {
  FaceSmoother smoother;
  for (int i = 0; i < 40; ++i) {
    Face face = face_at(1, 200, 300);
    const float roll = std::remainder(170.0F + static_cast<float>(i), 360.0F);  // 170 … 209 = -151
    face.head_pose->roll_deg = roll;
    const float smooth = smoothed(smoother, face, frame(i)).head_pose->roll_deg;
    EXPECT_LE(std::abs(smooth), 180.0F);
    EXPECT_NEAR(std::remainder(smooth - roll, 360.0F), 0, 5) << i;
  }
}

TEST(FaceSmoother, ATrackThatWasAwayStartsAnew) {
  FaceSmoother smoother;
  smoothed(smoother, face_at(1, 200, 300), {milliseconds(0)});
  const Face face = face_at(1, 210, 300);
  expect_same(smoothed(smoother, face, {milliseconds(501)}), face);
}

TEST(FaceSmoother, ATimeThatGoesBackStartsAnew) {
  FaceSmoother smoother;
  smoothed(smoother, face_at(1, 200, 300), {milliseconds(1000)});
  const Face face = face_at(1, 210, 300);
  expect_same(smoothed(smoother, face, {milliseconds(10)}), face);
}

TEST(FaceSmoother, StartsAnewAfterAReset) {
  FaceSmoother smoother;
  smoothed(smoother, face_at(1, 200, 300), frame(0));
  smoother.reset();
  const Face face = face_at(1, 210, 300);
  expect_same(smoothed(smoother, face, frame(1)), face);
}

TEST(FaceSmoother, ANewTrackHasNothingOfOneThatEnded) {
  FaceSmoother smoother;
  smoothed(smoother, face_at(1, 1790, 300), {milliseconds(0)});  // A yaw of 179 degrees.
  smoothed(smoother, face_at(1, 1810, 300), {milliseconds(40)});
  std::vector<Face> nobody;
  smoother.smooth(nobody, {milliseconds(1000)});
  const Face face = face_at(2, 210, 300);
  expect_same(smoothed(smoother, face, {milliseconds(1040)}), face);
}

TEST(FaceSmoother, AFaceMayLackEverythingButItsBox) {
  FaceSmoother smoother;
  for (int i = 0; i < 3; ++i) {
    Face face;
    face.track = TrackId{1};
    face.box = {10, 10, 0, 0};  // And be empty.
    EXPECT_EQ(smoothed(smoother, face, frame(i)).box, face.box);
  }
}

TEST(FaceSmoother, MeasurementsMayComeAndGo) {
  FaceSmoother smoother;
  smoothed(smoother, face_at(1, 200, 300), frame(0));
  Face bare = face_at(1, 200, 300);
  bare.landmarks.clear();
  bare.blendshapes.reset();
  bare.head_pose.reset();
  smoothed(smoother, bare, frame(1));
  const Face back = smoothed(smoother, face_at(1, 201, 300), frame(2));
  ASSERT_EQ(back.landmarks.size(), kFaceLandmarkCount);
  EXPECT_GT(back.landmarks[0].x, 200);
  EXPECT_LT(back.landmarks[0].x, 201);
}

TEST(FaceSmoother, WhatWasNotMeasuredInAFrameGoesOnFromTheFrameBefore) {
  FaceSmoother smoother;
  FaceSmoother without;  // Never saw the frame between.
  smoothed(smoother, face_at(1, 200, 300), frame(0));
  smoothed(without, face_at(1, 200, 300), frame(0));
  Face bare = face_at(1, 200, 300);
  bare.landmarks.clear();
  bare.blendshapes.reset();
  bare.head_pose.reset();
  bare.gaze.reset();
  bare.emotions.reset();
  smoothed(smoother, bare, frame(1));
  const Face back = smoothed(smoother, face_at(1, 210, 310), frame(2));
  const Face expected = smoothed(without, face_at(1, 210, 310), frame(2));
  EXPECT_EQ(back.landmarks, expected.landmarks);
  EXPECT_EQ(back.blendshapes, expected.blendshapes);
  EXPECT_EQ(back.head_pose->yaw_deg, expected.head_pose->yaw_deg);
  EXPECT_EQ(back.head_pose->translation_mm, expected.head_pose->translation_mm);
  EXPECT_EQ(back.gaze, expected.gaze);
  EXPECT_EQ(back.emotions, expected.emotions);
}

}  // namespace
}  // namespace retinue
