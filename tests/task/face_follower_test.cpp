#include "task/face_follower.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "task/analysis_of.hpp"
#include "task/face_region.hpp"

namespace retinue {
namespace {

constexpr std::size_t kMany = 16;

FrameAnalysis next_frame() {
  return analysis_of({.stored = {1280, 720}});
}

/// What a detector finds: a face 100 pixels wide with its centre at (x, y).
FaceIn<UprightPx> detection(float x, float y, float score = 0.9F) {
  FaceIn<UprightPx> face;
  face.score = score;
  face.box = {x - 50, y - 60, 100, 120};
  face.keypoints = {Point<UprightPx>{x - 20, y - 15},
                    {x + 20, y - 15},
                    {x, y + 5},
                    {x - 15, y + 25},
                    {x + 15, y + 25}};
  return face;
}

/// A mesh whose bounds are 80 x 80 with their centre at (x, y), its eyes level.
void give_mesh(FaceIn<UprightPx>& face, float x, float y) {
  face.presence = 0.99F;
  face.landmarks.assign(kFaceLandmarkCount, {x, y, 0});
  face.landmarks[0] = {x - 40, y - 40, 0};
  face.landmarks[2] = {x + 40, y + 40, 0};
  face.landmarks[33] = {x - 25, y - 15, 0};
  face.landmarks[133] = {x - 15, y - 15, 0};
  face.landmarks[263] = {x + 15, y - 15, 0};
  face.landmarks[362] = {x + 25, y - 15, 0};
  face.landmarks[1] = {x, y + 5, 0};
  face.landmarks[61] = {x - 15, y + 25, 0};
  face.landmarks[291] = {x + 15, y + 25, 0};
}

/// A frame in which the detector finds these, and the mesh all of them.
void detect(FaceFollower& follower, const std::vector<Point<UprightPx>>& places) {
  FrameAnalysis analysis = next_frame();
  for (const Point<UprightPx>& place : places)
    analysis.faces.push_back(detection(place.x, place.y));
  follower.expect(analysis, kMany);
  for (FaceIn<UprightPx>& face : analysis.faces)
    give_mesh(face, face.box.center().x, face.box.center().y);
  follower.remember(analysis);
}

TEST(FaceFollower, WantsADetectionWhenItKnowsNothingYet) {
  FaceFollower follower;
  EXPECT_TRUE(follower.wants_detection());
  detect(follower, {});
  EXPECT_FALSE(follower.wants_detection()) << "an empty picture is known to be empty";
  follower.reset();
  EXPECT_TRUE(follower.wants_detection());
}

TEST(FaceFollower, LooksForAFaceWhereItsLandmarksWere) {
  FaceFollower follower;
  detect(follower, {{300, 200}});
  FrameAnalysis next = next_frame();
  follower.expect(next, kMany);
  ASSERT_EQ(next.faces.size(), 1U);
  FaceIn<UprightPx> expected;
  give_mesh(expected, 300, 200);
  EXPECT_EQ(next.regions.at(0), face_region_of_landmarks(expected));
  EXPECT_FLOAT_EQ(next.faces[0].score, 0.9F);
}

TEST(FaceFollower, TheBoxMovesAndGrowsWithTheLandmarks) {
  FaceFollower follower;
  detect(follower, {{300, 200}});
  FrameAnalysis next = next_frame();
  follower.expect(next, kMany);
  give_mesh(next.faces[0], 310, 220);
  follower.remember(next);
  ASSERT_EQ(next.faces.size(), 1U);
  EXPECT_NEAR(next.faces[0].box.x, 260, 1e-3);
  EXPECT_NEAR(next.faces[0].box.y, 160, 1e-3);
  EXPECT_NEAR(next.faces[0].box.width, 100, 1e-3);
  EXPECT_NEAR(next.faces[0].box.height, 120, 1e-3);
}

TEST(FaceFollower, KeypointsBetweenDetectionsAreTheMeshs) {
  FaceFollower follower;
  detect(follower, {{300, 200}});
  FrameAnalysis next = next_frame();
  follower.expect(next, kMany);
  give_mesh(next.faces[0], 310, 220);
  follower.remember(next);
  const auto& keypoints = next.faces.at(0).keypoints;
  EXPECT_EQ(keypoints[0], (Point<UprightPx>{290, 205})) << "the person's right eye";
  EXPECT_EQ(keypoints[1], (Point<UprightPx>{330, 205}));
  EXPECT_EQ(keypoints[2], (Point<UprightPx>{310, 225}));
  EXPECT_EQ(keypoints[3], (Point<UprightPx>{295, 245}));
  EXPECT_EQ(keypoints[4], (Point<UprightPx>{325, 245}));
}

TEST(FaceFollower, AFaceThatTheMeshLosesLeavesAndIsLookedForAtOnce) {
  FaceFollower follower;
  detect(follower, {{300, 200}, {800, 300}});
  FrameAnalysis next = next_frame();
  follower.expect(next, kMany);
  ASSERT_EQ(next.faces.size(), 2U);
  give_mesh(next.faces[1], 800, 300);
  follower.remember(next);
  ASSERT_EQ(next.faces.size(), 1U);
  EXPECT_NEAR(next.faces[0].box.center().x, 800, 1e-3);
  EXPECT_TRUE(follower.wants_detection());

  FrameAnalysis after = next_frame();
  follower.expect(after, kMany);
  EXPECT_EQ(after.faces.size(), 1U);
  give_mesh(after.faces[0], 800, 300);
  follower.remember(after);
  EXPECT_FALSE(follower.wants_detection()) << "once";
}

TEST(FaceFollower, ADetectionOfAFollowedFaceIsNotAnotherFace) {
  FaceFollower follower;
  detect(follower, {{300, 200}});
  FrameAnalysis next = next_frame();
  next.faces = {detection(800, 300, 0.8F), detection(310, 210, 0.7F)};
  follower.expect(next, kMany);
  ASSERT_EQ(next.faces.size(), 2U);
  EXPECT_FLOAT_EQ(next.faces[0].score, 0.7F) << "followed faces come first";
  EXPECT_FLOAT_EQ(next.faces[1].score, 0.8F);
  EXPECT_EQ(next.regions[1], face_region(detection(800, 300)));
}

TEST(FaceFollower, AFaceWithoutAMeshKeepsItsBoxForAFewFramesAndIsThenLookedForAgain) {
  FaceFollower follower;
  FrameAnalysis first = next_frame();
  first.detected = true;
  first.faces = {detection(300, 200)};
  follower.expect(first, kMany);
  follower.remember(first);
  EXPECT_EQ(first.faces.size(), 1U);

  for (int i = 0; i < FaceFollower::kMostHeldFrames; ++i) {
    EXPECT_FALSE(follower.wants_detection()) << i;
    FrameAnalysis next = next_frame();
    follower.expect(next, kMany);
    EXPECT_TRUE(next.faces.empty()) << "the mesh is not run on it";
    follower.remember(next);
    ASSERT_EQ(next.faces.size(), 1U);
    EXPECT_EQ(next.faces[0].box, first.faces[0].box);
  }
  EXPECT_TRUE(follower.wants_detection());

  FrameAnalysis later = next_frame();
  later.detected = true;
  follower.expect(later, kMany);
  follower.remember(later);
  EXPECT_TRUE(later.faces.empty()) << "the detector does not see it any more";
  EXPECT_FALSE(follower.wants_detection());
}

TEST(FaceFollower, OfTwoThatMeetInOnePlaceTheOlderStays) {
  FaceFollower follower;
  detect(follower, {{300, 200}, {400, 200}});
  FrameAnalysis next = next_frame();
  follower.expect(next, kMany);
  next.faces[0].score = 0.5F;
  give_mesh(next.faces[0], 350, 200);
  give_mesh(next.faces[1], 352, 200);
  follower.remember(next);
  ASSERT_EQ(next.faces.size(), 1U);
  EXPECT_FLOAT_EQ(next.faces[0].score, 0.5F);
}

TEST(FaceFollower, NeverExpectsMoreThanAsked) {
  FaceFollower follower;
  detect(follower, {{300, 200}});
  FrameAnalysis next = next_frame();
  next.faces = {detection(600, 200), detection(900, 200)};
  follower.expect(next, 2);
  EXPECT_EQ(next.faces.size(), 2U);
}

TEST(FaceFollower, LooksEveryFrameWhileNobodyIsThereIfAsked) {
  FaceFollower follower;
  follower.set_detect_while_empty(true);
  detect(follower, {});
  EXPECT_TRUE(follower.wants_detection());
  detect(follower, {{300, 200}});
  EXPECT_FALSE(follower.wants_detection());
}

}  // namespace
}  // namespace retinue
