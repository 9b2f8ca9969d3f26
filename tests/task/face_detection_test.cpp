#include "task/face_detection.hpp"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postprocess/yunet_outputs.hpp"
#include "task/analysis_of.hpp"
#include "task/recording_sampler.hpp"
#include "task/tiny_session.hpp"

namespace retinue {
namespace {

using testing::SizeIs;

std::unique_ptr<Step> detection(const FaceTaskSettings& settings = {}) {
  return create_face_detection(session_with_input({0, 3, 0, 0}), settings,
                               *face_detector_of(ModelFamily::yunet));
}

/// The shape of the detector's input for a picture.
Shape input_shape(const Step& step, const PictureGeometry& geometry, bool is_still = false) {
  return step.input_shape(analysis_of(geometry, is_still));
}

/// Where the detector's input lies in a picture.
Affine<UprightPx, TensorPx> map_of(const Step& step, const PictureGeometry& geometry) {
  RecordingSampler sampler;
  const FrameAnalysis analysis = analysis_of(geometry);
  const Tensor input(ElementType::float32, step.input_shape(analysis));
  EXPECT_TRUE(step.prepare(analysis, 0, sampler, input.view()));
  return sampler.map;
}

TEST(FaceDetection, MakesOneRequestAFrame) {
  EXPECT_EQ(detection()->request_count(analysis_of({.stored = {640, 480}})), 1U);
}

TEST(FaceDetection, FitsThePictureIntoMultiplesOf32) {
  const auto step = detection({.detect_size = 320});
  EXPECT_EQ(input_shape(*step, {.stored = {1280, 720}}), (Shape{1, 3, 192, 320}));
  EXPECT_EQ(input_shape(*step, {.stored = {720, 1280}}), (Shape{1, 3, 320, 192}));
  EXPECT_EQ(input_shape(*step, {.stored = {640, 640}}), (Shape{1, 3, 320, 320}));
  EXPECT_EQ(input_shape(*step, {.stored = {640, 320}}), (Shape{1, 3, 160, 320}));
  EXPECT_EQ(input_shape(*step, {.stored = {640, 321}}), (Shape{1, 3, 192, 320}));
}

TEST(FaceDetection, APictureOfAnySizeHasAnInput) {
  const auto step = detection({.detect_size = 320});
  EXPECT_EQ(input_shape(*step, {.stored = {1, 1}}), (Shape{1, 3, 320, 320}));
  EXPECT_EQ(input_shape(*step, {.stored = {10'000, 1}}), (Shape{1, 3, 32, 320}));
  EXPECT_EQ(input_shape(*step, {.stored = {16'384, 16'384}}), (Shape{1, 3, 320, 320}));
}

TEST(FaceDetection, LooksCloserAtStillPicturesThanAtVideos) {
  const auto step = detection();
  EXPECT_EQ(input_shape(*step, {.stored = {640, 480}}, false)[3], kVideoDetectSize);
  EXPECT_EQ(input_shape(*step, {.stored = {640, 480}}, true)[3], kStillDetectSize);
}

TEST(FaceDetection, SeesTheRotatedPictureUpright) {
  const auto step = detection({.detect_size = 320});
  EXPECT_EQ(
      input_shape(*step, {.stored = {1280, 720}, .orientation = Orientation::rotated_90_clockwise}),
      (Shape{1, 3, 320, 192}));
}

TEST(FaceDetection, SeesAnamorphicPixelsSquare) {
  const auto step = detection({.detect_size = 320});
  // 720 x 576 pixels of 16:11 are 1047 x 576 square ones.
  EXPECT_EQ(input_shape(*step, {.stored = {720, 576}, .pixel_aspect = 16.0 / 11}),
            (Shape{1, 3, 192, 320}));
  // The same, turned.
  EXPECT_EQ(input_shape(*step, {.stored = {720, 576},
                                .orientation = Orientation::rotated_90_counterclockwise,
                                .pixel_aspect = 16.0 / 11}),
            (Shape{1, 3, 320, 192}));
}

TEST(FaceDetection, PutsThePictureIntoTheTopLeftCornerAtOneScale) {
  const Affine<UprightPx, TensorPx> map =
      map_of(*detection({.detect_size = 320}), {.stored = {1280, 720}});
  EXPECT_EQ((map * Point<TensorPx>{0, 0}), (Point<UprightPx>{0, 0}));
  EXPECT_EQ((map * Point<TensorPx>{320, 180}), (Point<UprightPx>{1280, 720}));
}

TEST(FaceDetection, FitsThePictureIntoAModelOfFixedSize) {
  const auto step = create_face_detection(session_with_input({1, 3, 640, 320}), {},
                                          *face_detector_of(ModelFamily::yunet));
  EXPECT_EQ(input_shape(*step, {.stored = {1280, 720}}), (Shape{1, 3, 640, 320}));
  const Affine<UprightPx, TensorPx> wide = map_of(*step, {.stored = {1280, 720}});
  EXPECT_EQ((wide * Point<TensorPx>{320, 180}), (Point<UprightPx>{1280, 720}));
  const Affine<UprightPx, TensorPx> tall = map_of(*step, {.stored = {100, 400}});
  EXPECT_EQ((tall * Point<TensorPx>{160, 640}), (Point<UprightPx>{100, 400}));
}

TEST(FaceDetection, WantsBlueGreenRedOnBlack) {
  RecordingSampler sampler;
  const auto step = detection();
  const FrameAnalysis analysis = analysis_of({.stored = {64, 64}});
  const Tensor input(ElementType::float32, step->input_shape(analysis));
  ASSERT_TRUE(step->prepare(analysis, 0, sampler, input.view()));
  EXPECT_EQ(sampler.asked.channels, ChannelOrder::bgr);
  EXPECT_EQ(sampler.asked.border, Border::constant);
  EXPECT_EQ(sampler.asked.border_value, 0);
  EXPECT_EQ(sampler.asked.scale, (std::array<float, 3>{1, 1, 1}));
}

TEST(FaceDetection, AsksForTheTwelveOutputsInTheModelsOrder) {
  const std::vector<Shape> shapes = detection()->output_shapes({1, 3, 192, 320});
  ASSERT_THAT(shapes, SizeIs(12));
  EXPECT_EQ(shapes[0], (Shape{1, 960, 1}));
  EXPECT_EQ(shapes[2], (Shape{1, 60, 1}));
  EXPECT_EQ(shapes[6], (Shape{1, 960, 4}));
  EXPECT_EQ(shapes[11], (Shape{1, 60, 10}));
}

TEST(FaceDetection, FacesAreInThePictureNotInTheInput) {
  const auto step = detection({.detect_size = 320});
  FrameAnalysis analysis = analysis_of({.stored = {1280, 720}});  // Four times the input.
  YunetOutputs outputs({320, 192});
  outputs.put_face(16, 5, 4, 0.9F, 40);
  ASSERT_TRUE(step->postprocess(analysis, 0, outputs.views()));
  ASSERT_THAT(analysis.faces, SizeIs(1));
  const FaceIn<UprightPx>& face = analysis.faces[0];
  EXPECT_NEAR(face.box.center().x, 5 * 16 * 4, 0.01);
  EXPECT_NEAR(face.box.center().y, 4 * 16 * 4, 0.01);
  EXPECT_NEAR(face.box.width, 160, 0.01);
  EXPECT_NEAR(face.keypoints[0].x, 5 * 16 * 4, 0.01);
}

TEST(FaceDetection, TheSettingsLimitTheFaces) {
  YunetOutputs outputs({320, 192});
  outputs.put_face(16, 2, 4, 0.9F, 20);
  outputs.put_face(16, 8, 4, 0.5F, 20);
  outputs.put_face(16, 14, 4, 0.8F, 20);
  const auto count = [&outputs](const FaceTaskSettings& settings) {
    FrameAnalysis analysis = analysis_of({.stored = {320, 192}});
    EXPECT_TRUE(detection(settings)->postprocess(analysis, 0, outputs.views()));
    return analysis.faces.size();
  };
  EXPECT_EQ(count({.detect_size = 320}), 2U);
  EXPECT_EQ(count({.detect_size = 320, .min_score = 0.4F}), 3U);
  EXPECT_EQ(count({.detect_size = 320, .max_faces = 1}), 1U);
}

}  // namespace
}  // namespace retinue
