#include "face/eyes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "face/head_pose.hpp"
#include "face/posed_face.hpp"

namespace retinue {
namespace {

constexpr PinholeCamera<UprightPx> kCamera{
    .focal_x = 1000, .focal_y = 1000, .center_x = 640, .center_y = 360};

using Mesh = std::vector<Point3<UprightPx>>;

/// A face whose eyes both look along `gaze`: the plain way round. The eyeball lies behind the
/// corners of the eye, the iris 12.5 mm from its centre, and everything is seen through the camera.
Mesh looking(const Eigen::Matrix3d& R, const Eigen::Vector3d& translation_mm,
             const GazeDirection& gaze) {
  const Vertices vertices = posed_face(R, translation_mm);
  Mesh mesh = seen_as_mesh(vertices, kCamera);
  const Direction direction = direction_of(gaze);
  const auto put_iris = [&](std::size_t iris, std::size_t outer, std::size_t inner,
                            double outwards) {
    const Eigen::Vector3d center =
        (vertices[outer] + vertices[inner]) / 2 + R * Eigen::Vector3d(outwards, -1.9, 6);
    const Eigen::Vector3d p =
        center + 12.5 * Eigen::Vector3d(direction[0], direction[1], direction[2]);
    mesh[iris] = {static_cast<float>(kCamera.focal_x * p.x() / p.z() + kCamera.center_x),
                  static_cast<float>(kCamera.focal_y * p.y() / p.z() + kCamera.center_y), 0};
  };
  put_iris(468, 33, 133, -1.3);
  put_iris(473, 263, 362, 1.3);
  return mesh;
}

TEST(EyeDirection, IsWhereTheIrisPointsWhateverTheHeadDoes) {
  // The head's own pose is right to about half a degree on such a mesh, and the corners' middle in
  // the picture is not quite that in space.
  constexpr float kToleranceDeg = 1.5F;
  const Eigen::Vector3d middle(0, 0, 800);
  const Eigen::Vector3d aside(180, -90, 800);
  for (const Eigen::Vector3d& place : {middle, aside}) {
    for (const auto& [yaw, pitch, roll] :
         {std::array{0.0, 0.0, 0.0}, {20.0, 0.0, 0.0}, {0.0, -15.0, 0.0}, {-15.0, 10.0, 25.0}}) {
      for (const GazeDirection& gaze :
           {GazeDirection{0, 0}, {20, 0}, {-20, 0}, {0, 15}, {0, -15}, {-12, 9}}) {
        const Mesh mesh = looking(rotation(yaw, pitch, roll), place, gaze);
        const std::optional<HeadPose> head = head_pose(mesh, kCamera);
        ASSERT_TRUE(head);
        for (const Eye eye : {Eye::right, Eye::left}) {
          const std::optional<Direction> found = eye_direction(mesh, *head, kCamera, eye);
          ASSERT_TRUE(found);
          EXPECT_NEAR(gaze_direction(*found).yaw_deg, gaze.yaw_deg, kToleranceDeg) << yaw;
          EXPECT_NEAR(gaze_direction(*found).pitch_deg, gaze.pitch_deg, kToleranceDeg) << pitch;
        }
      }
    }
  }
}

TEST(EyeDirection, AnIrisBeyondTheEyeballIsAtItsRim) {
  Mesh mesh = looking(rotation(0, 0, 0), {0, 0, 800}, {0, 0});
  mesh[468].x += 100;
  const std::optional<Direction> found =
      eye_direction(mesh, *head_pose(mesh, kCamera), kCamera, Eye::right);
  ASSERT_TRUE(found);
  // The rim is where the ray touches the eyeball: at a right angle to the direction.
  const Eigen::Vector3d ray((mesh[468].x - 640) / 1000, (mesh[468].y - 360) / 1000, 1);
  EXPECT_NEAR(ray.dot(Eigen::Vector3d((*found)[0], (*found)[1], (*found)[2])), 0, 1e-6);
  EXPECT_GT(gaze_direction(*found).yaw_deg, 70);
}

TEST(EyeDirection, IsAbsentForAHeadAtNoDistance) {
  const Mesh mesh = looking(rotation(0, 0, 0), {0, 0, 800}, {0, 0});
  for (const float depth_mm : {0.0F, -600.0F, std::nanf("")}) {
    EXPECT_FALSE(eye_direction(mesh, {.translation_mm = {0, 0, depth_mm}}, kCamera, Eye::left));
  }
}

/// Both lids `opening_px` apart over eyes 30 px wide.
Mesh with_lids(float opening_px) {
  Mesh mesh(kFaceLandmarkCount);
  const auto put = [&mesh](std::size_t index, float x, float y) { mesh[index] = {x, y, 0}; };
  for (const auto& [outer, inner, x] : {std::array{33, 133, 100}, {263, 362, 200}}) {
    put(static_cast<std::size_t>(outer), static_cast<float>(x), 100);
    put(static_cast<std::size_t>(inner), static_cast<float>(x) + 30, 100);
  }
  for (const auto& [upper, lower] : {std::array{160U, 144U},
                                     {159U, 145U},
                                     {158U, 153U},
                                     {387U, 373U},
                                     {386U, 374U},
                                     {385U, 380U}}) {
    put(upper, 110, 100 - opening_px / 2);
    put(lower, 110, 100 + opening_px / 2);
  }
  return mesh;
}

TEST(EyeOpenness, IsTheLidsDistanceOverTheEyesWidth) {
  for (const Eye eye : {Eye::right, Eye::left}) {
    EXPECT_FLOAT_EQ(eye_openness(with_lids(9), eye), 0.3F);
    EXPECT_EQ(eye_openness(with_lids(0), eye), 0);
  }
}

TEST(EyeOpenness, DoesNotGrowAsAFaceTurnsAside) {
  Mesh turned = with_lids(9);
  turned[33] = {108, 100, 0};  // Seen at half its width, the other half is depth.
  turned[133] = {123, 100, 25.98F};
  EXPECT_NEAR(eye_openness(turned, Eye::right), 0.3, 1e-3);
}

TEST(EyeOpenness, OfAnEyeWithoutExtentIsZero) {
  EXPECT_EQ(eye_openness(Mesh(kFaceLandmarkCount), Eye::left), 0);
  EXPECT_FALSE(is_open(Mesh(kFaceLandmarkCount), Eye::left));
}

TEST(IsOpen, TellsEachEyeByItself) {
  Mesh mesh = with_lids(9);
  for (const auto& [upper, lower] : {std::array{387U, 373U}, {386U, 374U}, {385U, 380U}})
    mesh[upper] = mesh[lower];
  EXPECT_TRUE(is_open(mesh, Eye::right));
  EXPECT_FALSE(is_open(mesh, Eye::left));
}

TEST(EyePlace, LiesBetweenTheCorners) {
  const EyePlace place = eye_place(with_lids(9), Eye::left);
  EXPECT_EQ(place.center, (Point<UprightPx>{215, 100}));
  EXPECT_EQ(place.width_px, 30);
  EXPECT_EQ(between_eyes(with_lids(9)), (Point<UprightPx>{165, 100}));
}

}  // namespace
}  // namespace retinue
