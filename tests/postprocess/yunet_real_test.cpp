// YuNet on real pictures: what yunet_faces makes of its outputs equals the published formula.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/default_models.hpp"
#include "postprocess/yunet.hpp"
#include "postprocess/yunet_reference.hpp"
#include "preprocess/sampler.hpp"
#include "task/face_detection.hpp"

namespace retinue {
namespace {

/// The detector's input and outputs for one picture.
struct Detection {
  Tensor input;
  std::vector<Tensor> outputs;

  Size size() const {
    return {static_cast<int>(input.shape()[3]), static_cast<int>(input.shape()[2])};
  }
  std::vector<TensorView> views() const {
    std::vector<TensorView> views;
    for (const Tensor& output : outputs)
      views.push_back(output.view());
    return views;
  }
};

Detection detect(const Step& step, Sampler& sampler, const Frame& frame) {
  const FrameAnalysis analysis{.frame = frame, .camera = {}, .faces = {}, .second_looks = {}};
  Detection detection;
  detection.input = Tensor(ElementType::float32, step.input_shape(analysis));
  for (const Shape& shape : step.output_shapes(detection.input.shape()))
    detection.outputs.emplace_back(ElementType::float32, shape);
  EXPECT_TRUE(step.prepare(analysis, 0, sampler, detection.input.view()));
  Stream stream;
  const Result<void> done =
      step.session()->run(std::array{detection.input.view()}, detection.views(), stream);
  if (!done) ADD_FAILURE() << done.error().message();
  return detection;
}

/// The bounds of parity; both compute the same, one in float and one in double. Returns how many
/// faces there are.
std::size_t expect_parity(const Detection& detection) {
  const YunetSettings settings{.max_faces = 10'000};
  std::vector<FaceIn<TensorPx>> faces;
  const Result<void> read = yunet_faces(detection.views(), detection.size(), settings, faces);
  const std::vector<ReferenceFace> expected = reference_yunet_faces(
      detection.views(), detection.size(), static_cast<double>(settings.min_score),
      static_cast<double>(settings.max_iou));
  if (!read || faces.size() != expected.size()) {
    ADD_FAILURE() << (read ? std::to_string(faces.size()) : read.error().message()) << ", expected "
                  << expected.size();
    return 0;
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const FaceIn<TensorPx>& face = faces[i];
    const ReferenceFace found{.score = static_cast<double>(face.score),
                              .x = static_cast<double>(face.box.x),
                              .y = static_cast<double>(face.box.y),
                              .width = static_cast<double>(face.box.width),
                              .height = static_cast<double>(face.box.height)};
    EXPECT_GE(iou(found, expected[i]), 0.99);
    EXPECT_NEAR(found.score, expected[i].score, 0.01);
  }
  return expected.size();
}

using YunetOnPictures = MirrorTest;

TEST_F(YunetOnPictures, BoxesAndScoresEqualThePlainReference) {
  const LoadedModel model = default_model(ModelTask::faces);
  const std::unique_ptr<Step> step =
      create_face_detection(model.session, {}, *face_detector_of(model.family));
  const std::unique_ptr<Sampler> sampler = *create_sampler({});
  std::size_t faces_seen = 0;
  for (const char* file :
       {"golden/tfjs_face/portrait.jpg", "gt/dlib_faces/2007_007763.jpg",
        "gt/dlib_faces/2008_001322.jpg", "gt/dlib_faces/bald_guys.jpg",
        "gt/aflw2000/image00251.jpg", "images/faces/12_Group_Group_12_Group_Group_12_24.jpg",
        "images/noface/mediapipe_dino.jpg"}) {
    faces_seen += expect_parity(detect(*step, *sampler, picture(file)));
  }
  EXPECT_GE(faces_seen, 10U);
}

}  // namespace
}  // namespace retinue
