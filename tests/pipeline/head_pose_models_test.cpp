// Intel's net for head poses on pictures whose head poses are known.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/default_models.hpp"
#include "pipeline/analysed_picture.hpp"

namespace retinue {
namespace {

struct KnownHead {
  std::string picture;
  float yaw_deg;
  float pitch_deg;
  float roll_deg;
};

/// AFLW2000's pictures, in the signs of the contract; fitted by its authors to a model of the face,
/// good to some 5 degrees.
const std::vector<KnownHead> kHeads{
    {"gt/aflw2000/image00081.jpg", -17.9F, 4.5F, 0.7F},
    {"gt/aflw2000/image00251.jpg", 54.7F, 7.0F, 14.6F},
    {"gt/aflw2000/image00475.jpg", -65.6F, 40.0F, -20.0F},
    {"gt/aflw2000/image02283.jpg", 14.1F, 2.5F, -2.1F},
    {"gt/aflw2000/image02545.jpg", -11.0F, -31.0F, 8.8F},
    {"gt/aflw2000/image04331.jpg", -45.5F, 12.3F, 1.6F},
};

/// An angle that is well off zero has the right sign.
void expect_same_side(float found_deg, float known_deg, const char* what) {
  const bool has_side = std::abs(known_deg) >= 10;
  EXPECT_TRUE(!has_side || found_deg * known_deg > 0) << what << " " << found_deg;
}

class HeadPoseModels : public MirrorTest, public testing::WithParamInterface<std::string> {
 protected:
  std::vector<Face> faces_of(const std::vector<LoadedModel>& models, const std::string& file) {
    return analysed_picture(models, "head-pose", picture(file)).faces;
  }
};

TEST_P(HeadPoseModels, TurnHeadsAsTheyAreTurned) {
  std::vector<LoadedModel> models{default_model(ModelTask::faces),
                                  default_model(ModelTask::landmarks)};
  const std::vector<LoadedModel> without = models;
  models.push_back(model_of(ModelTask::head_pose, GetParam()));
  ASSERT_NE(models.back().session, nullptr);
  float yaw_error_deg = 0;
  float pitch_error_deg = 0;
  for (const KnownHead& known : kHeads) {
    SCOPED_TRACE(known.picture);
    const std::vector<Face> faces = faces_of(models, known.picture);
    ASSERT_EQ(faces.size(), 1U);
    ASSERT_TRUE(faces[0].head_pose);
    const HeadPose& head = *faces[0].head_pose;
    expect_same_side(head.yaw_deg, known.yaw_deg, "yaw");
    expect_same_side(head.pitch_deg, known.pitch_deg, "pitch");
    expect_same_side(head.roll_deg, known.roll_deg, "roll");
    yaw_error_deg += std::abs(head.yaw_deg - known.yaw_deg);
    pitch_error_deg += std::abs(head.pitch_deg - known.pitch_deg);
    // It says nothing about where the head is, and is not the mesh.
    const std::vector<Face> meshed = faces_of(without, known.picture);
    ASSERT_EQ(meshed.size(), 1U);
    EXPECT_EQ(head.translation_mm, meshed[0].head_pose->translation_mm);
    EXPECT_NE(head.yaw_deg, meshed[0].head_pose->yaw_deg);
  }
  // Twice the mean errors that its authors publish, which are of near-frontal drivers.
  const auto count = static_cast<float>(kHeads.size());
  EXPECT_LT(yaw_error_deg / count, 12);
  EXPECT_LT(pitch_error_deg / count, 12);
}

INSTANTIATE_TEST_SUITE_P(OfTheMirror, HeadPoseModels,
                         testing::Values("head_pose/head-pose-estimation-adas-0001_fp16.xml",
                                         "head_pose/derived/head-pose-estimation-adas-0001.onnx"),
                         [](const auto& test) {
                           return test.param.ends_with(".xml") ? "Openvino" : "Onnx";
                         });

}  // namespace
}  // namespace retinue
