#include "task/face_blendshapes.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "task/analysis_of.hpp"
#include "task/head_pose_task.hpp"
#include "task/recording_sampler.hpp"
#include "task/tiny_session.hpp"

namespace retinue {
namespace {

/// Three faces; the middle one has no landmarks, those of the others lie at x = 1 and x = 3.
FrameAnalysis three_faces() {
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces.resize(3);
  analysis.faces[0].landmarks.assign(kFaceLandmarkCount, {1, 0, 0});
  analysis.faces[2].landmarks.assign(kFaceLandmarkCount, {3, 0, 0});
  return analysis;
}

TEST(FaceBlendshapes, MakesARequestForEachFaceWithLandmarks) {
  const auto step = create_face_blendshapes(session_with_input({1, 146, 2}));
  EXPECT_EQ(step->request_count(three_faces()), 2U);
  EXPECT_EQ(step->request_count(analysis_of({.stored = {640, 480}})), 0U);
}

TEST(FaceBlendshapes, EachRequestIsAboutItsOwnFace) {
  const auto step = create_face_blendshapes(session_with_input({1, 146, 2}));
  FrameAnalysis analysis = three_faces();
  RecordingSampler sampler;
  const Tensor input(ElementType::float32, step->input_shape(analysis));
  EXPECT_TRUE(step->prepare(analysis, 1, sampler, input.view()));
  EXPECT_EQ(input.floats()[0], 3);
}

TEST(FaceBlendshapes, EachAnswerIsItsOwnFaces) {
  const auto step = create_face_blendshapes(session_with_input({1, 146, 2}));
  FrameAnalysis analysis = three_faces();
  const Tensor output(ElementType::float32, {1, 52});
  for (float& value : output.floats())
    value = 0.5F;
  ASSERT_TRUE(step->postprocess(analysis, 1, std::vector{output.view()}));
  EXPECT_FALSE(analysis.faces[0].blendshapes);
  EXPECT_FALSE(analysis.faces[1].blendshapes);
  ASSERT_TRUE(analysis.faces[2].blendshapes);
  EXPECT_EQ(analysis.faces[2].blendshapes->at(51), 0.5F);
}

TEST(HeadPoseTask, MeasuresOnlyFacesWithAHeadToMeasure) {
  FrameAnalysis analysis = three_faces();  // All landmarks in one point: no head.
  create_head_pose()->finish(analysis);
  for (const FaceIn<UprightPx>& face : analysis.faces)
    EXPECT_FALSE(face.head_pose);
  for (std::size_t i = 0; i < kFaceLandmarkCount; ++i) {
    const auto offset = static_cast<float>(i);
    analysis.faces[2].landmarks[i] = {offset, std::sin(offset), 0};
  }
  create_head_pose()->finish(analysis);
  EXPECT_TRUE(analysis.faces[2].head_pose);
}

}  // namespace
}  // namespace retinue
