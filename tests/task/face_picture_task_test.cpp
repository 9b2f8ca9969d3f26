#include "task/face_picture_task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "task/analysis_of.hpp"
#include "task/emotion_task.hpp"
#include "task/face_embedding_task.hpp"
#include "task/recording_sampler.hpp"
#include "task/tiny_session.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;

/// A face of 100 x 100 pixels around (200, 300), upright.
FaceIn<UprightPx> a_face() {
  FaceIn<UprightPx> face;
  face.box = {150, 250, 100, 100};
  face.keypoints = {{{180, 285}, {220, 285}, {200, 305}, {185, 325}, {215, 325}}};
  return face;
}

FrameAnalysis analysis_with(std::size_t faces) {
  FrameAnalysis analysis = analysis_of({.stored = {640, 480}});
  analysis.faces.assign(faces, a_face());
  return analysis;
}

TEST(FaceEmbeddingTask, AsksOnceForEachFace) {
  const auto step = create_face_embedding(session_with_input({1, 3, 112, 112})).value();
  EXPECT_EQ(step->name(), "embedding");
  EXPECT_EQ(step->request_count(analysis_with(0)), 0U);
  EXPECT_EQ(step->request_count(analysis_with(3)), 3U);
}

TEST(FaceEmbeddingTask, AlignsTheFaceInRgbFromMinusOneToOne) {
  const auto step = create_face_embedding(session_with_input({1, 3, 112, 112})).value();
  const FrameAnalysis analysis = analysis_with(1);
  RecordingSampler sampler;
  Tensor input(ElementType::float32, step->input_shape(analysis));
  ASSERT_TRUE(step->prepare(analysis, 0, sampler, input.view()));
  EXPECT_EQ(sampler.asked.channels, ChannelOrder::rgb);
  EXPECT_FLOAT_EQ((255 - sampler.asked.mean[2]) * sampler.asked.scale[2], 1);
  EXPECT_FLOAT_EQ((0 - sampler.asked.mean[2]) * sampler.asked.scale[2], -1);
  // The template's eyes are 35 pixels apart, the face's 40: the picture is wider than the box.
  const Point<UprightPx> left_top = sampler.map * Point<TensorPx>{0, 0};
  const Point<UprightPx> right_bottom = sampler.map * Point<TensorPx>{112, 112};
  EXPECT_NEAR((left_top.x + right_bottom.x) / 2, 200, 1);
  EXPECT_GT(right_bottom.x - left_top.x, 100);
  EXPECT_LT(right_bottom.x - left_top.x, 140);
}

TEST(FaceEmbeddingTask, TakesTheSizeOfItsInputFromTheModel) {
  const FrameAnalysis analysis = analysis_with(1);
  EXPECT_EQ(
      create_face_embedding(session_with_input({0, 3, 160, 160})).value()->input_shape(analysis),
      (Shape{1, 3, 160, 160}));
  EXPECT_EQ(create_face_embedding(session_with_input({0, 3, 0, 0})).value()->input_shape(analysis),
            (Shape{1, 3, 112, 112}));
}

TEST(FaceEmbeddingTask, EachFaceGetsItsOwnVector) {
  const auto step = create_face_embedding(session_with_input({1, 3, 112, 112})).value();
  FrameAnalysis analysis = analysis_with(2);
  Tensor output(ElementType::float32, {1, 2});
  output.view().floats()[0] = 0;
  output.view().floats()[1] = -2;
  const std::array outputs = {output.view()};
  ASSERT_TRUE(step->postprocess(analysis, 1, outputs));
  EXPECT_FALSE(analysis.faces[0].embedding);
  ASSERT_TRUE(analysis.faces[1].embedding);
  EXPECT_EQ(analysis.faces[1].embedding->values()[1], -1);
}

TEST(EmotionTask, LooksAtAGreySquareAroundTheFace) {
  const auto step = create_emotion(session_with_input({1, 1, 64, 64})).value();
  EXPECT_EQ(step->name(), "emotion");
  const FrameAnalysis analysis = analysis_with(1);
  EXPECT_EQ(step->input_shape(analysis), (Shape{1, 1, 64, 64}));
  RecordingSampler sampler;
  Tensor input(ElementType::float32, step->input_shape(analysis));
  ASSERT_TRUE(step->prepare(analysis, 0, sampler, input.view()));
  EXPECT_EQ(sampler.asked.channels, ChannelOrder::grey);
  EXPECT_FLOAT_EQ((255 - sampler.asked.mean[0]) * sampler.asked.scale[0], 1);
  const Point<UprightPx> middle = sampler.map * Point<TensorPx>{32, 32};
  EXPECT_NEAR(middle.x, 200, 1e-3);
  EXPECT_NEAR(middle.y, 305, 1e-3) << "a little towards the chin";
}

TEST(EmotionTask, OfAFaceWithoutExtentIsStillAskedAPicture) {
  const auto step = create_emotion(session_with_input({1, 1, 64, 64})).value();
  FrameAnalysis analysis = analysis_with(1);
  analysis.faces[0].box = {10, 10, 0, 0};
  RecordingSampler sampler;
  Tensor input(ElementType::float32, step->input_shape(analysis));
  ASSERT_TRUE(step->prepare(analysis, 0, sampler, input.view()));
  EXPECT_GT(sampler.map.determinant(), 0);
}

TEST(FacePictureTask, NamesTheInputThatItCannotFill) {
  for (const auto& session :
       {session_with_input({1, 3, 64, 64}), session_with_input({1, 1, 64, 48})}) {
    const Result<std::unique_ptr<Step>> step = create_emotion(session);
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code(), ErrorCode::unsupported);
    EXPECT_THAT(step.error().message(), HasSubstr("need one of float32[N,1,S,S]"));
  }
  EXPECT_FALSE(create_face_embedding(session_with_input({1, 112})));
}

}  // namespace
}  // namespace retinue
