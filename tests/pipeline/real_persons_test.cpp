// The whole way from a picture's file to persons and their points, with real models.
#include <cmath>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "media/default_models.hpp"
#include "pipeline/analysed_picture.hpp"

namespace retinue {
namespace {

class RealPersons : public MirrorTest {
 protected:
  std::vector<Person> analyse(const std::vector<LoadedModel>& models, const std::string& tasks,
                              const std::string& file) const {
    return analysed_picture(models, tasks, picture(file)).persons;
  }
};

/// COCO's annotation of the one person in this picture, 640 x 425 pixels.
constexpr const char* kSkier = "gt/coco_val2017/images/000000000785.jpg";
constexpr Box<FramePx> kSkierBox{280.79F, 44.73F, 218.7F, 346.68F};
constexpr std::array<Point<FramePx>, kBodyKeypointCount> kSkierPoints{{{367, 81},
                                                                       {374, 73},
                                                                       {360, 75},
                                                                       {386, 78},
                                                                       {356, 81},
                                                                       {399, 108},
                                                                       {358, 129},
                                                                       {433, 142},
                                                                       {341, 159},
                                                                       {449, 165},
                                                                       {309, 178},
                                                                       {424, 203},
                                                                       {393, 214},
                                                                       {429, 294},
                                                                       {367, 273},
                                                                       {466, 362},
                                                                       {396, 341}}};

TEST_F(RealPersons, EveryDetectorFindsTheSkierWhereTheyAre) {
  for (const std::string detector :
       {"yolox_nano", "nanodet_m", "picodet_s_416_coco", "FastestDet"}) {
    const LoadedModel model =
        model_of(ModelTask::persons, "person_detection/" + detector + ".onnx");
    const std::vector<Person> persons = analyse({model}, "persons", kSkier);
    ASSERT_EQ(persons.size(), 1U) << detector;
    // A box that is off by a tenth of its sides has 0.68.
    EXPECT_GT(iou(persons[0].box, kSkierBox), 0.7F) << detector;
  }
}

TEST_F(RealPersons, MovenetsPointsAreWhereAnnotatorsPutThem) {
  const std::vector<Person> persons =
      analyse({default_model(ModelTask::persons), default_model(ModelTask::pose)}, "pose", kSkier);
  ASSERT_EQ(persons.size(), 1U);
  ASSERT_TRUE(persons[0].keypoints);
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    // A twentieth of the height; annotators differ by as much at the hips.
    EXPECT_LT(distance((*persons[0].keypoints)[k].at, kSkierPoints[k]), 17.5F)
        << body_keypoint_names()[k];
    EXPECT_GT((*persons[0].keypoints)[k].score, 0.2F) << body_keypoint_names()[k];
  }
}

void expect_golden_landmarks(const BodyLandmarks<FramePx>& landmarks,
                             const nlohmann::json& golden) {
  // The golden is of another size of the model, and its region is BlazePose's own detector's.
  const double tolerance_px = golden.at("tolerance_px").get<double>();
  const double tolerance_m = golden.at("tolerance_world_m").get<double>();
  for (std::size_t i = 0; i < kBodyLandmarkCount; ++i) {
    const nlohmann::json& point = golden.at("keypoints33_xy_px").at(i);
    EXPECT_NEAR(landmarks.points[i].x, point.at(0).get<double>(), tolerance_px) << i;
    EXPECT_NEAR(landmarks.points[i].y, point.at(1).get<double>(), tolerance_px) << i;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_NEAR(landmarks.world_m[i][axis], golden.at("world_xyz_m").at(i).at(axis).get<double>(),
                  tolerance_m)
          << i;
    }
  }
}

TEST_F(RealPersons, BlazePosesLandmarksEqualTheGolden) {
  std::ifstream file(media("golden/tfjs_pose/pose_jpg_blazepose_expected.json"));
  const nlohmann::json golden = nlohmann::json::parse(file);
  for (const std::string name :
       {"pose_landmark_lite.tflite", "derived/blazepose_landmark_lite_256.onnx"}) {
    SCOPED_TRACE(name);
    const LoadedModel model = model_of(ModelTask::pose, "body_pose/" + name);
    const std::vector<Person> persons =
        analyse({default_model(ModelTask::persons), model}, "pose", "golden/tfjs_pose/pose.jpg");
    ASSERT_EQ(persons.size(), 1U);
    ASSERT_TRUE(persons[0].landmarks);
    expect_golden_landmarks(*persons[0].landmarks, golden);
  }
}

TEST_F(RealPersons, BlazePosesDetectorFindsTheOnePersonOfThePicture) {
  for (const std::string name : {"pose_detection.tflite", "derived/blazepose_detection_224.onnx"}) {
    SCOPED_TRACE(name);
    const LoadedModel model = model_of(ModelTask::persons, "body_pose/" + name);
    const std::vector<Person> persons = analyse({model}, "persons", "golden/tfjs_pose/pose.jpg");
    ASSERT_EQ(persons.size(), 1U);
    // The middle of the hips in the golden is (493, 473).
    EXPECT_NEAR(persons[0].box.center().x, 493, 20);
    EXPECT_NEAR(persons[0].box.center().y, 473, 20);
  }
}

TEST_F(RealPersons, APictureWithoutPersonsHasNone) {
  EXPECT_TRUE(analyse({default_model(ModelTask::persons)}, "persons",
                      "images/noface/face-alignment_grass.jpg")
                  .empty());
}

}  // namespace
}  // namespace retinue
