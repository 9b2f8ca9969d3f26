#include "task/face_landmarks.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "face/canonical_face.hpp"
#include "task/analysis_of.hpp"
#include "task/face_region.hpp"
#include "task/recording_sampler.hpp"
#include "task/tiny_session.hpp"

namespace retinue {
namespace {

std::shared_ptr<const Session> mesh_session() {
  return session_with_input({0, 3, 256, 256});
}

FaceIn<UprightPx> upright_face(float x, float y) {
  FaceIn<UprightPx> face;
  face.box = {x - 50, y - 50, 100, 100};
  face.keypoints = {Point<UprightPx>{x - 20, y - 15},
                    {x + 20, y - 15},
                    {x, y + 5},
                    {x - 15, y + 25},
                    {x + 15, y + 25}};
  return face;
}

/// The mesh's outputs: every landmark at (x, y, z) of the input.
struct MeshOutputs {
  MeshOutputs(Point3<TensorPx> landmark, float logit)
      : points(ElementType::float32, {1, 1434}), presence(ElementType::float32, {1, 1}) {
    for (std::size_t i = 0; i < kFaceLandmarkCount; ++i) {
      points.floats()[3 * i] = landmark.x;
      points.floats()[3 * i + 1] = landmark.y;
      points.floats()[3 * i + 2] = landmark.z;
    }
    presence.floats()[0] = logit;
  }
  std::vector<TensorView> views() const { return {points.view(), presence.view()}; }

  Tensor points;
  Tensor presence;
};

/// The canonical face, turned by `yaw` steps of one degree, as a mesh of `analysis`' picture.
std::vector<Point3<UprightPx>> turned_landmarks(const FrameAnalysis& analysis, double yaw_deg) {
  const double c = std::cos(yaw_deg * 0.017453292519943295);
  const double s = std::sin(yaw_deg * 0.017453292519943295);
  constexpr double kDepthMm = 700;
  const PinholeCamera<UprightPx>& camera = analysis.camera;
  std::vector<Point3<UprightPx>> landmarks;
  for (const CanonicalLandmark& p : canonical_face()) {
    const auto x_mm = static_cast<double>(p.x_mm);
    const auto z_mm = static_cast<double>(p.z_mm);
    const double x = c * x_mm - s * z_mm;
    const double z = s * x_mm + c * z_mm + kDepthMm;
    landmarks.push_back(
        {static_cast<float>(camera.focal_x * x / z + camera.center_x),
         static_cast<float>(camera.focal_y * static_cast<double>(p.y_mm) / z + camera.center_y),
         static_cast<float>(camera.focal_x * (z / kDepthMm - 1))});
  }
  landmarks.resize(kFaceLandmarkCount, landmarks.front());
  return landmarks;
}

TEST(FaceLandmarks, MakesARequestForEachFace) {
  const auto step = create_face_landmarks(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  EXPECT_EQ(step->request_count(analysis), 0U);
  analysis.faces = {upright_face(100, 100), upright_face(300, 100)};
  EXPECT_EQ(step->request_count(analysis), 2U);
  EXPECT_EQ(step->input_shape(analysis), (Shape{1, 3, 256, 256}));
}

TEST(FaceLandmarks, LooksAtTheRegionOfItsFaceInUnitRange) {
  const auto step = create_face_landmarks(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces = {upright_face(100, 100), upright_face(300, 100)};
  step->begin(analysis);
  RecordingSampler sampler;
  const Tensor input(ElementType::float32, {1, 3, 256, 256});
  ASSERT_TRUE(step->prepare(analysis, 1, sampler, input.view()));
  const Point<UprightPx> middle = sampler.map * Point<TensorPx>{128, 128};
  const RotatedBox<UprightPx> region = face_region(analysis.faces[1]);
  EXPECT_NEAR(middle.x, region.center.x, 1e-3);
  EXPECT_NEAR(middle.y, region.center.y, 1e-3);
  EXPECT_EQ(sampler.asked.channels, ChannelOrder::rgb);
  EXPECT_FLOAT_EQ(sampler.asked.scale[0] * 255, 1);
}

TEST(FaceLandmarks, LandmarksAreInThePictureNotInTheInput) {
  const auto step = create_face_landmarks(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces = {upright_face(300, 200)};
  step->begin(analysis);
  ASSERT_TRUE(step->postprocess(analysis, 0, MeshOutputs({0, 256, 256}, 3).views()));
  // The region is 140 pixels wide, its centre at (300, 205).
  const FaceIn<UprightPx>& face = analysis.faces[0];
  ASSERT_EQ(face.landmarks.size(), kFaceLandmarkCount);
  EXPECT_NEAR(face.landmarks[0].x, 230, 1e-3);
  EXPECT_NEAR(face.landmarks[0].y, 275, 1e-3);
  EXPECT_NEAR(face.landmarks[0].z, 140, 1e-3) << "in the unit of x";
  EXPECT_NEAR(*face.presence, 0.9526, 1e-3);
}

TEST(FaceLandmarks, AFaceThatTheMeshDoesNotSeeGetsNone) {
  const auto step = create_face_landmarks(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces = {upright_face(300, 200)};
  step->begin(analysis);
  ASSERT_TRUE(step->postprocess(analysis, 0, MeshOutputs({0, 0, 0}, -1).views()));
  EXPECT_TRUE(analysis.faces[0].landmarks.empty());
  EXPECT_NEAR(*analysis.faces[0].presence, 0.2689, 1e-3);
}

TEST(FaceLandmarks, OutputsOfAnotherSizeAreAnError) {
  const auto step = create_face_landmarks(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces = {upright_face(300, 200)};
  step->begin(analysis);
  MeshOutputs outputs({0, 0, 0}, 3);
  outputs.points = Tensor(ElementType::float32, {1, 1404});
  EXPECT_FALSE(step->postprocess(analysis, 0, outputs.views()));
}

TEST(FaceLandmarksSecondLook, IsTakenOfTurnedFacesOnly) {
  const auto step = create_face_landmarks_second_look(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  for (const double yaw_deg : {0.0, 29.0, -31.0, 45.0}) {
    analysis.faces.push_back(upright_face(320, 240));
    analysis.faces.back().landmarks = turned_landmarks(analysis, yaw_deg);
  }
  analysis.faces.push_back(upright_face(320, 240));  // Without landmarks.
  step->begin(analysis);
  ASSERT_EQ(step->request_count(analysis), 2U);
  EXPECT_EQ(analysis.second_looks[0].face, 2U);
  EXPECT_EQ(analysis.second_looks[1].face, 3U);
  EXPECT_EQ(analysis.second_looks[1].region, face_region_of_landmarks(analysis.faces[3]));
}

TEST(FaceLandmarksSecondLook, ForgetsTheLooksOfTheLastTime) {
  const auto step = create_face_landmarks_second_look(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.second_looks = {{0, {}}};
  step->begin(analysis);
  EXPECT_EQ(step->request_count(analysis), 0U);
}

TEST(FaceLandmarksSecondLook, ReplacesTheLandmarksOfItsFaceOrLeavesThem) {
  const auto step = create_face_landmarks_second_look(mesh_session());
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces = {upright_face(100, 100), upright_face(320, 240)};
  analysis.faces[1].landmarks = turned_landmarks(analysis, 40);
  analysis.faces[1].presence = 0.7F;
  step->begin(analysis);
  ASSERT_EQ(step->request_count(analysis), 1U);

  const std::vector<Point3<UprightPx>> first = analysis.faces[1].landmarks;
  ASSERT_TRUE(step->postprocess(analysis, 0, MeshOutputs({128, 128, 0}, -3).views()));
  EXPECT_EQ(analysis.faces[1].landmarks, first) << "it saw no face";
  EXPECT_EQ(analysis.faces[1].presence, 0.7F);

  ASSERT_TRUE(step->postprocess(analysis, 0, MeshOutputs({128, 128, 0}, 3).views()));
  EXPECT_NEAR(analysis.faces[1].landmarks[0].x, analysis.second_looks[0].region.center.x, 1e-3);
  EXPECT_GT(*analysis.faces[1].presence, 0.9F);
  EXPECT_TRUE(analysis.faces[0].landmarks.empty());
}

}  // namespace
}  // namespace retinue
