#include "perception/face.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <gmock/gmock.h>

#include "perception/example_result.hpp"

namespace retinue {
namespace {

TEST(BlendshapeNames, AreAllDifferentAndBeginWithNeutral) {
  auto names = blendshape_names();
  EXPECT_EQ(names.front(), "_neutral");

  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_FALSE(names.front().empty());
}

TEST(GazeDirection, IsZeroIntoTheCameraAlongTheOpticalAxis) {
  EXPECT_EQ(gaze_direction({0, 0, -1}), (GazeDirection{0, 0}));
}

TEST(GazeDirection, HasYawToTheRightAndPitchUpwards) {
  EXPECT_NEAR(gaze_direction({1, 0, -1}).yaw_deg, 45, 1e-4);
  EXPECT_NEAR(gaze_direction({-1, 0, -1}).yaw_deg, -45, 1e-4);
  EXPECT_NEAR(gaze_direction({0, -1, -1}).pitch_deg, 45, 1e-4);
  EXPECT_NEAR(gaze_direction({0, 1, -1}).pitch_deg, -45, 1e-4);
}

TEST(GazeDirection, DoesNotDependOnTheLength) {
  EXPECT_EQ(gaze_direction({0.5, 0.25, -1}), gaze_direction({2, 1, -4}));
}

TEST(GazeDirection, ComesBackFromItsDirection) {
  for (const GazeDirection& gaze : {GazeDirection{0, 0}, {30, -20}, {-85, 60}, {120, 5}}) {
    const GazeDirection back = gaze_direction(direction_of(gaze));
    EXPECT_NEAR(back.yaw_deg, gaze.yaw_deg, 1e-4);
    EXPECT_NEAR(back.pitch_deg, gaze.pitch_deg, 1e-4);
  }
}

TEST(TransformedFace, ScalesPointsBoxAndDepthTogether) {
  const Face face = example_face({100, 50, 80, 96});
  // Doubles and moves by (3, 4).
  const Affine<UprightPx, FramePx> map{2, 0, 3, 0, 2, 4};

  const FaceIn<UprightPx> moved = transformed(map, face);

  EXPECT_EQ(moved.box, (Box<UprightPx>{203, 104, 160, 192}));
  EXPECT_EQ(moved.keypoints[2], (Point<UprightPx>{283, 200}));
  ASSERT_EQ(moved.landmarks.size(), face.landmarks.size());
  EXPECT_FLOAT_EQ(moved.landmarks[100].x, face.landmarks[100].x * 2 + 3);
  EXPECT_FLOAT_EQ(moved.landmarks[100].z, face.landmarks[100].z * 2);
}

TEST(TransformedFace, KeepsWhatHasNoPlaceInThePicture) {
  const Face face = example_face();

  const FaceIn<UprightPx> moved = transformed(Affine<UprightPx, FramePx>{1, 0, 9, 0, 1, 9}, face);

  EXPECT_EQ(moved.track, face.track);
  EXPECT_EQ(moved.score, face.score);
  EXPECT_EQ(moved.presence, face.presence);
  EXPECT_EQ(moved.blendshapes, face.blendshapes);
  EXPECT_EQ(moved.head_pose->yaw_deg, face.head_pose->yaw_deg);
  EXPECT_EQ(moved.gaze, face.gaze);
  EXPECT_EQ(moved.action_units->intensity, face.action_units->intensity);
}

TEST(TransformedFace, ReplacesWhateverWasThere) {
  FaceIn<UprightPx> out = transformed(Affine<UprightPx, FramePx>{2, 0, 3, 0, 2, 4}, example_face());
  const Face bare{.score = 0.5F, .box = {1, 2, 3, 4}};

  transform(Affine<UprightPx, FramePx>{}, bare, out);

  EXPECT_EQ(out.score, 0.5F);
  EXPECT_EQ(out.box, (Box<UprightPx>{1, 2, 3, 4}));
  EXPECT_TRUE(out.landmarks.empty());
  EXPECT_FALSE(out.track || out.presence || out.blendshapes || out.head_pose || out.gaze ||
               out.action_units);
}

TEST(SpareLandmarks, TheMemoryOfOldFacesServesNewOnes) {
  SpareLandmarks<FramePx> spare;
  std::vector<Face> faces(2);
  for (Face& face : faces)
    spare.give_to(face);
  const std::set<const void*> before = {faces[0].landmarks.data(), faces[1].landmarks.data()};
  faces[0].landmarks.resize(kFaceLandmarkCount);
  spare.take_from(faces);
  EXPECT_TRUE(faces.empty());

  faces.resize(2);
  for (Face& face : faces)
    spare.give_to(face);

  EXPECT_TRUE(faces[0].landmarks.empty());
  EXPECT_TRUE(faces[1].landmarks.empty());
  EXPECT_EQ((std::set<const void*>{faces[0].landmarks.data(), faces[1].landmarks.data()}), before);
}

TEST(SpareLandmarks, AFaceThatHasRoomGetsNoMore) {
  SpareLandmarks<FramePx> spare;
  Face face = example_face();
  const Face same = face;
  const void* place = face.landmarks.data();

  spare.give_to(face);

  EXPECT_EQ(face.landmarks.data(), place);
  EXPECT_EQ(face.landmarks, same.landmarks);
}

}  // namespace
}  // namespace retinue
