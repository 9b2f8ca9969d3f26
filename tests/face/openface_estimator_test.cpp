#include "face/openface_estimator.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "face/openface_median.hpp"
#include "face/tiny_openface.hpp"

namespace retinue {
namespace {

constexpr auto kAu01 = static_cast<std::size_t>(ActionUnit::au01);
constexpr auto kAu02 = static_cast<std::size_t>(ActionUnit::au02);
constexpr auto kAu12 = static_cast<std::size_t>(ActionUnit::au12);
constexpr auto kAu28 = static_cast<std::size_t>(ActionUnit::au28);

MediaTime at_frame(int frame) {
  return {std::chrono::milliseconds(40 * frame)};
}

class OpenFaceEstimation : public testing::Test {
 protected:
  /// All features of units are `level`.
  Face face_of(std::uint32_t track, double level, bool of_picture = false) const {
    auto measured = std::make_shared<OpenFaceMeasurement>();
    for (std::size_t i = 0; i < kActionUnitCount; ++i)
      measured->features[i] = level;
    measured->of_picture = of_picture;
    measured->values = of_picture ? predictors_->picture_values(measured->features)
                                  : predictors_->frame_values(measured->features);
    Face face;
    face.track = TrackId{track};
    face.openface = measured;
    return face;
  }

  ActionUnits units_of(Face face, int frame) {
    std::vector<Face> faces = {std::move(face)};
    estimator_.estimate(faces, at_frame(frame));
    EXPECT_EQ(faces[0].openface, nullptr);
    return faces[0].action_units.value_or(ActionUnits{});
  }

  std::shared_ptr<const OpenFacePredictors> predictors_ =
      std::make_shared<const OpenFacePredictors>(tiny_predictors());
  OpenFaceEstimator estimator_{predictors_};
};

TEST_F(OpenFaceEstimation, MeasuresAgainstTheMedianOfEverySecondFrame) {
  OpenFaceMedian median;
  for (int i = 0; i < 40; ++i) {
    const Face face = face_of(1, 0.5 + 0.4 * std::sin(i));
    if (i % 2 == 0) median.add(face.openface->features);
    const ActionUnits expected = predictors_->of_frame(face.openface->features, median.median());
    const ActionUnits found = units_of(face, i);
    for (std::size_t unit = 0; unit < kActionUnitIntensityCount; ++unit)
      EXPECT_NEAR(found.intensity[unit], expected.intensity[unit], 1e-5) << i;
    EXPECT_EQ(found.present, expected.present) << i;
  }
}

TEST_F(OpenFaceEstimation, StaticUnitsDoNotDependOnTheMedian) {
  for (int i = 0; i < 10; ++i)
    units_of(face_of(1, 0.75), i);
  const ActionUnits units = units_of(face_of(1, 0.75), 10);
  EXPECT_NEAR(units.intensity[kAu12], 0.75, 1e-6);
  EXPECT_NEAR(units.intensity[kAu01], 0, 2e-3);  // A bin of the median is 1e-3 wide.
}

TEST_F(OpenFaceEstimation, APictureIsMeasuredByStaticPredictors) {
  const ActionUnits units = units_of(face_of(1, 2, true), 0);
  EXPECT_EQ(units.intensity[kAu01], 2);
  EXPECT_TRUE(units.present[kAu28]);
}

TEST_F(OpenFaceEstimation, EachPersonHasAMedianOfTheirOwn) {
  std::vector<Face> faces;
  for (int i = 0; i < 10; ++i) {
    faces = {face_of(1, 0.1), face_of(2, 0.9)};
    estimator_.estimate(faces, at_frame(i));
  }
  faces = {face_of(2, 0.4), face_of(1, 0.4)};
  estimator_.estimate(faces, at_frame(10));
  EXPECT_EQ(faces[0].action_units->intensity[kAu02], 0);
  EXPECT_NEAR(faces[1].action_units->intensity[kAu02], 0.3, 2e-3);
}

TEST_F(OpenFaceEstimation, ForgetsWhoeverWasAwayForLongerThanTracksGoOn) {
  for (int i = 0; i < 10; ++i)
    units_of(face_of(1, 0.1), i);
  EXPECT_NEAR(units_of(face_of(1, 0.9), 9 + 25).intensity[kAu01], 0.8, 2e-3);
  EXPECT_NEAR(units_of(face_of(1, 0.9), 9 + 25 + 26).intensity[kAu01], 0, 2e-3);
}

TEST_F(OpenFaceEstimation, KnowsWhoeverWasThereWithoutBeingMeasured) {
  for (int i = 0; i < 10; ++i)
    units_of(face_of(1, 0.1), i);
  Face turned_away;
  turned_away.track = TrackId{1};
  for (int i = 10; i < 100; ++i)
    units_of(turned_away, i);
  EXPECT_NEAR(units_of(face_of(1, 0.9), 100).intensity[kAu01], 0.8, 2e-3);
}

TEST_F(OpenFaceEstimation, ResetForgetsEverybody) {
  for (int i = 0; i < 10; ++i)
    units_of(face_of(1, 0.1), i);
  estimator_.reset();
  EXPECT_NEAR(units_of(face_of(1, 0.9), 10).intensity[kAu01], 0, 2e-3);
}

TEST_F(OpenFaceEstimation, AFaceThatWasNotMeasuredHasNoUnits) {
  std::vector<Face> faces(1);
  faces[0].track = TrackId{1};
  estimator_.estimate(faces, at_frame(0));
  EXPECT_FALSE(faces[0].action_units);
}

TEST(OpenFacePredictorFile, WithACutoffThatIsNoShareOfFramesIsRefused) {
  const auto parsed = [](double cutoff) {
    const std::string bytes = bytes_of(TinyPredictor{.type = 1, .cutoff = cutoff});
    return OpenFacePredictor::parse(std::as_bytes(std::span(bytes)), "AU_01_dynamic.dat");
  };
  for (const double cutoff : {-1.0, 0.0, 0.75})
    EXPECT_TRUE(parsed(cutoff)) << cutoff;
  for (const double cutoff : {-0.5, 1.0, 7.0, 1e300}) {
    const auto predictor = parsed(cutoff);
    ASSERT_FALSE(predictor) << cutoff;
    EXPECT_EQ(predictor.error().code(), ErrorCode::corrupt_input);
  }
}

TEST(OpenFacePredictorFile, ThatIsAFolderIsAnError) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "AU_01_static.dat";
  std::filesystem::create_directory(path);
  const auto predictors = OpenFacePredictors::read(std::vector{path}, "mine");
  ASSERT_FALSE(predictors);
  EXPECT_EQ(predictors.error().code(), ErrorCode::unavailable);
}

}  // namespace
}  // namespace retinue
