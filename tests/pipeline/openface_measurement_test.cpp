// OpenFace's chain on frames: which faces are measured, each by itself, and where its time shows.
#include <filesystem>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "face/openface_goldens.hpp"
#include "face/openface_model.hpp"
#include "media/default_models.hpp"
#include "perception/ibug_landmarks.hpp"
#include "pipeline/known_faces.hpp"
#include "pipeline/lane.hpp"
#include "task/openface_task.hpp"

namespace retinue {
namespace {

/// A mesh whose 68 points are the golden's.
FaceIn<UprightPx> face_of(const OpenFaceGolden& golden) {
  FaceIn<UprightPx> face;
  face.landmarks.resize(kFaceLandmarkCount);
  for (std::size_t i = 0; i < kIbugLandmarkCount; ++i)
    face.landmarks[kMeshOfIbug[i]] = {golden.landmarks[i][0], golden.landmarks[i][1], 0};
  return face;
}

class OpenFaceMeasurementOfPictures : public MirrorTest {
 protected:
  void SetUp() override {
    MirrorTest::SetUp();
    if (IsSkipped()) return;
    const std::filesystem::path models = media("../models/face_action_units");
    OpenFaceFiles files{
        .origin = "mirror", .predictors = {}, .shape_model = models / "pdm_68_aligned_wild.mat"};
    if (!std::filesystem::exists(files.shape_model))
      GTEST_SKIP() << "OpenFace's model files are not there";
    for (const char* part : {"svr_combined", "svm_combined"}) {
      for (const auto& file :
           std::filesystem::directory_iterator(models / "openface2" / "AU_predictors" / part))
        files.predictors.push_back(file.path());
    }
    Result<OpenFaceModel> model = OpenFaceModel::load(files);
    ASSERT_TRUE(model) << model.error().message();
    model_ = std::make_shared<const OpenFaceModel>(*std::move(model));
  }

  AnalysedFrame analyse(Frame frame, const std::vector<FaceIn<UprightPx>>& faces) {
    std::vector<std::unique_ptr<Step>> steps;
    steps.push_back(std::make_unique<KnownFaces>(faces));
    steps.push_back(create_openface_fit(model_));
    steps.push_back(create_openface_measurement(model_));
    Lane lane({.steps = steps, .stages = &stages_}, *create_sampler({}));
    return lane.analyse(std::move(frame));
  }

  std::shared_ptr<const OpenFaceModel> model_;
  StageTable stages_;
};

TEST_F(OpenFaceMeasurementOfPictures, FacesWithoutAMeshAreLeftOut) {
  const OpenFaceGolden& golden = kOpenFaceGoldens[0];
  const AnalysedFrame analysed = analyse(picture(std::filesystem::path(golden.picture)),
                                         {FaceIn<UprightPx>{}, face_of(golden)});
  ASSERT_FALSE(analysed.error) << analysed.error->message();
  ASSERT_EQ(analysed.faces.size(), 2U);
  EXPECT_FALSE(analysed.faces[0].openface);
  EXPECT_TRUE(analysed.faces[1].openface);
}

TEST_F(OpenFaceMeasurementOfPictures, AMeshThatHasFallenIntoAPointIsLeftOut) {
  const OpenFaceGolden& golden = kOpenFaceGoldens[0];
  for (const float size : {0.0F, 1e-6F, 0.005F}) {
    FaceIn<UprightPx> fallen = face_of(golden);
    const Point3<UprightPx> nose = fallen.landmarks[4];
    for (Point3<UprightPx>& landmark : fallen.landmarks) {
      landmark.x = nose.x + (landmark.x - nose.x) * size;
      landmark.y = nose.y + (landmark.y - nose.y) * size;
    }
    const AnalysedFrame analysed =
        analyse(picture(std::filesystem::path(golden.picture)), {fallen});
    ASSERT_FALSE(analysed.error) << analysed.error->message();
    EXPECT_FALSE(analysed.faces[0].openface) << size;
  }
}

TEST_F(OpenFaceMeasurementOfPictures, SeveralFacesAreMeasuredAsEachAlone) {
  const OpenFaceGolden& golden = kOpenFaceGoldens[0];
  FaceIn<UprightPx> beside = face_of(golden);
  for (Point3<UprightPx>& landmark : beside.landmarks)
    landmark.x += 20;
  const Frame frame = picture(std::filesystem::path(golden.picture));
  const AnalysedFrame both = analyse(frame, {beside, face_of(golden)});
  const AnalysedFrame alone = analyse(frame, {face_of(golden)});
  ASSERT_TRUE(both.faces[1].openface);
  EXPECT_EQ(both.faces[1].openface->features, alone.faces[0].openface->features);
  EXPECT_NE(both.faces[0].openface->features, alone.faces[0].openface->features);
}

TEST_F(OpenFaceMeasurementOfPictures, ItsTimeIsAStageOfItsOwn) {
  const OpenFaceGolden& golden = kOpenFaceGoldens[0];
  analyse(picture(std::filesystem::path(golden.picture)), {face_of(golden), face_of(golden)});
  EXPECT_EQ(stages_.stage("shape-fit").calls(), 1);
  EXPECT_EQ(stages_.stage("action-units").calls(), 2);
}

}  // namespace
}  // namespace retinue
