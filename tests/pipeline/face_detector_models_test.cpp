// Face detectors that a user may bring, on real pictures; MediaPipe's in every format that they are
// published in.
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "media/default_models.hpp"
#include "pipeline/analysed_picture.hpp"

namespace retinue {
namespace {

struct DetectorFile {
  std::string name;
  std::string path;  ///< Below models/ of the mirror.
};

void PrintTo(const DetectorFile& file, std::ostream* stream) {
  *stream << file.name;
}

class FaceDetectorModels : public MirrorTest, public testing::WithParamInterface<DetectorFile> {
 protected:
  /// The faces of a picture as the detector under test and the other default models see them.
  std::vector<Face> faces_of(const std::string& picture_file, const std::string& tasks) {
    const LoadedModel detector = model_of(ModelTask::faces, GetParam().path);
    if (detector.session == nullptr) return {};
    std::vector<LoadedModel> models{detector, default_model(ModelTask::landmarks)};
    return analysed_picture(models, tasks, picture(picture_file)).faces;
  }

  nlohmann::json golden(const std::string& file) const {
    std::ifstream stream(media("golden/tfjs_face/" + file));
    return nlohmann::json::parse(stream);
  }
};

class BlazefaceModels : public FaceDetectorModels {};

TEST_P(BlazefaceModels, FindTheFaceOfThePortraitWhereTheGoldenHasIt) {
  const std::vector<Face> faces = faces_of("golden/tfjs_face/portrait.jpg", "faces");
  ASSERT_EQ(faces.size(), 1U);
  const nlohmann::json expected = golden("portrait_blazeface_expected.json");
  const double tolerance_px = expected.at("tolerance_px").get<double>();
  const nlohmann::json& face = expected.at("blazeface_short_range");
  const auto near = [&](float found, const nlohmann::json& value, const char* what) {
    EXPECT_NEAR(found, value.get<double>(), tolerance_px) << what;
  };
  const Box<FramePx>& box = faces[0].box;
  near(box.x, face.at("box_xyxy").at(0), "left");
  near(box.y, face.at("box_xyxy").at(1), "top");
  near(box.x + box.width, face.at("box_xyxy").at(2), "right");
  near(box.y + box.height, face.at("box_xyxy").at(3), "bottom");
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    const nlohmann::json& at = face.at("kp6").at(std::min<std::size_t>(i, 3));
    near(faces[0].keypoints[i].x, at.at(0), "x of a keypoint");
    near(faces[0].keypoints[i].y, at.at(1), "y of a keypoint");
  }
}

/// Of BlazeFace's full range there is a conversion only; its keypoints are up to 12 px from the
/// golden's, which is good enough to find the face by.
TEST_P(FaceDetectorModels, LeadTheMeshToTheGoldenLandmarks) {
  const std::vector<Face> faces = faces_of("golden/tfjs_face/portrait.jpg", "landmarks");
  ASSERT_EQ(faces.size(), 1U);
  ASSERT_EQ(faces[0].landmarks.size(), kFaceLandmarkCount);
  const nlohmann::json expected = golden("portrait_facemesh_expected.json");
  const double tolerance_px = expected.at("tolerance_px").get<double>();
  for (const nlohmann::json& entry : expected.at("facemesh_eye_idx_to_xy_px")) {
    const Point3<FramePx>& found = faces[0].landmarks.at(entry.at(0).get<std::size_t>());
    EXPECT_NEAR(found.x, entry.at(1).at(0).get<double>(), tolerance_px);
    EXPECT_NEAR(found.y, entry.at(1).at(1).get<double>(), tolerance_px);
  }
}

TEST_P(FaceDetectorModels, FindNoFaceInGrass) {
  EXPECT_TRUE(faces_of("images/noface/face-alignment_grass.jpg", "faces").empty());
}

/// Of faces of any size.
class ManyFaceDetectorModels : public FaceDetectorModels {};

/// The mesh's points where detectors have their keypoints; of eyes the middle between the corners.
std::array<Point<FramePx>, kFaceKeypointCount> keypoints_of_mesh(const Face& face) {
  const auto at = [&face](std::size_t i) { return face.landmarks.at(i).xy(); };
  return {(at(33) + at(133)) * 0.5F, (at(263) + at(362)) * 0.5F, at(4), at(61), at(291)};
}

TEST_P(ManyFaceDetectorModels, FindTheFacesOfAGroupAndPointWhereTheMeshPoints) {
  const std::string group = "images/faces/insightface_t1.jpg";
  const std::vector<Face> faces = faces_of(group, "faces");
  const std::vector<Face> expected =
      analysed_picture({default_model(ModelTask::faces), default_model(ModelTask::landmarks)},
                       "landmarks", picture(group))
          .faces;
  ASSERT_EQ(expected.size(), 6U);
  ASSERT_EQ(faces.size(), expected.size());
  float error = 0;
  for (const Face& meshed : expected) {
    const auto best = std::ranges::max_element(
        faces, {}, [&meshed](const Face& face) { return iou(face.box, meshed.box); });
    EXPECT_GT(iou(best->box, meshed.box), 0.5);
    const auto points = keypoints_of_mesh(meshed);
    for (std::size_t i = 0; i < kFaceKeypointCount; ++i)
      error += distance(best->keypoints[i], points.at(i)) / distance(points[0], points[1]);
  }
  // Of the distance between the eyes, in the mean.
  EXPECT_LT(error / static_cast<float>(expected.size() * kFaceKeypointCount), 0.15F);
}

const std::vector<DetectorFile> short_range{
    {"ShortRangeOnnx", "face_detection/mediapipe_face_detection_short_range.onnx"},
    {"ShortRangeTflite", "face_detection/face_detection_short_range.tflite"},
    {"ShortRangeOfTheBundle", "face_landmarks/face_landmarker_v2_with_blendshapes.task"},
};
INSTANTIATE_TEST_SUITE_P(OfTheMirror, BlazefaceModels, testing::ValuesIn(short_range),
                         [](const auto& test) { return test.param.name; });

const std::vector<DetectorFile> of_many_faces{
    {"Scrfd", "face_detection/scrfd_500m_bnkps.onnx"},
    {"Retinaface", "face_detection/retinaface_mbnet0.25.onnx"},
};
INSTANTIATE_TEST_SUITE_P(OfTheMirror, ManyFaceDetectorModels, testing::ValuesIn(of_many_faces),
                         [](const auto& test) { return test.param.name; });

std::vector<DetectorFile> all_detectors() {
  std::vector<DetectorFile> files = short_range;
  files.insert(files.end(), of_many_faces.begin(), of_many_faces.end());
  files.push_back({"FullRangeOnnx", "face_detection/mediapipe_face_detection_full_range.onnx"});
  return files;
}
INSTANTIATE_TEST_SUITE_P(OfTheMirror, FaceDetectorModels, testing::ValuesIn(all_detectors()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace retinue
