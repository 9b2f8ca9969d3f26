#include "perception/face.hpp"

#include <algorithm>

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
}

}  // namespace
}  // namespace retinue
