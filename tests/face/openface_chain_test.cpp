// The whole chain to OpenFace's action units, with the user's own model files of the mirror.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "face/openface_goldens.hpp"
#include "face/openface_model.hpp"
#include "face/openface_predictors.hpp"
#include "media/media_test.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;

using Landmarks = std::array<Point<UprightPx>, kIbugLandmarkCount>;

std::filesystem::path models() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment of a test
  const char* folder = std::getenv("RETINUE_MIRROR");
  return folder == nullptr ? std::filesystem::path()
                           : std::filesystem::path(folder) / "models" / "face_action_units";
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Landmarks landmarks_of(const OpenFaceGolden& golden) {
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i)
    landmarks[i] = {golden.landmarks[i][0], golden.landmarks[i][1]};
  return landmarks;
}

struct Picture {
  std::string rgb;  ///< u8 [height, width, 3].
  int width;
  int height;

  double at(int x, int y, int c) const {
    return static_cast<unsigned char>(rgb[static_cast<std::size_t>(3 * (y * width + x) + c)]);
  }
};

/// Bilinear, cut down to whole numbers, black outside: as Pillow's transform does it.
std::vector<std::uint8_t> warped(const Picture& picture, const Affine<UprightPx, TensorPx>& map) {
  std::vector<std::uint8_t> out(kAlignedFaceBytes, 0);
  for (int y = 0; y < kAlignedFaceSide; ++y) {
    for (int x = 0; x < kAlignedFaceSide; ++x) {
      const double px = map.xx * (x + 0.5) + map.xy * (y + 0.5) + map.x0;
      const double py = map.yx * (x + 0.5) + map.yy * (y + 0.5) + map.y0;
      if (px < 0 || py < 0 || px >= picture.width || py >= picture.height) continue;
      const int left = static_cast<int>(std::floor(px - 0.5));
      const int top = static_cast<int>(std::floor(py - 0.5));
      const double dx = px - 0.5 - left;
      const double dy = py - 0.5 - top;
      const auto column = [&](int i) { return std::clamp(left + i, 0, picture.width - 1); };
      const auto row = [&](int i) { return std::clamp(top + i, 0, picture.height - 1); };
      for (int c = 0; c < 3; ++c) {
        const double above =
            std::lerp(picture.at(column(0), row(0), c), picture.at(column(1), row(0), c), dx);
        const double below =
            std::lerp(picture.at(column(0), row(1), c), picture.at(column(1), row(1), c), dx);
        out[static_cast<std::size_t>(3 * (y * kAlignedFaceSide + x) + c)] =
            static_cast<std::uint8_t>(std::lerp(above, below, dy));
      }
    }
  }
  return out;
}

class OpenFaceChain : public MediaTest {
 protected:
  void SetUp() override {
    MediaTest::SetUp();
    if (IsSkipped()) return;
    const std::filesystem::path shape = models() / "In-the-wild_aligned_PDM_68_from_mat.txt";
    if (models().empty() || !std::filesystem::exists(shape))
      GTEST_SKIP() << "OpenFace's model files are not there";
    Result<ShapeModel> model = ShapeModel::parse(text_of(shape), shape.string());
    ASSERT_TRUE(model) << model.error().message();
    model_ = std::make_unique<ShapeModel>(*std::move(model));
    Result<OpenFacePredictors> predictors =
        OpenFacePredictors::load(models() / "openface2" / "AU_predictors");
    ASSERT_TRUE(predictors) << predictors.error().message();
    predictors_ = std::make_unique<OpenFacePredictors>(*std::move(predictors));
  }

  OpenFaceFeatures features_of(const OpenFaceGolden& golden) const {
    const std::string raw = make(
        "-i '" + (mirror() / golden.picture).string() + "' -frames:v 1 -f rawvideo -pix_fmt rgb24",
        "picture.rgb");
    const Picture picture{bytes_of(raw), golden.width, golden.height};
    EXPECT_EQ(picture.rgb.size(), static_cast<std::size_t>(3 * golden.width * golden.height));
    const Landmarks landmarks = landmarks_of(golden);
    const ShapeFit fit = model_->fit(landmarks);
    const Affine<TensorPx, UprightPx> map = aligned_from_picture(*model_, fit, landmarks);
    std::vector<std::uint8_t> rgb = warped(picture, map.inverse());
    OpenFaceFeatures features{};
    openface_features(*model_, fit, map, landmarks, std::span<std::uint8_t, kAlignedFaceBytes>(rgb),
                      features);
    return features;
  }

  std::unique_ptr<ShapeModel> model_;
  std::unique_ptr<OpenFacePredictors> predictors_;
};

TEST_F(OpenFaceChain, FitsTheShapeAsTheReferenceDoes) {
  for (const OpenFaceGolden& golden : kOpenFaceGoldens) {
    const ShapeFit fit = model_->fit(landmarks_of(golden));
    // The reference stops when its cost changes by 1e-8 of itself: its angles are as near to the
    // minimum as its own derivatives by differences let it come.
    EXPECT_NEAR(fit.scale, golden.rigid[0], 1e-3) << golden.picture;
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(fit.rotation_rad[i], golden.rigid[1 + i], 1e-3) << golden.picture;
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_NEAR(fit.translation_px[i], golden.rigid[4 + i], 0.02) << golden.picture;
  }
}

TEST_F(OpenFaceChain, GivesTheValuesOfTheReference) {
  const OpenFaceFeatures no_median{};
  double worst = 0;
  for (const OpenFaceGolden& golden : kOpenFaceGoldens) {
    const OpenFaceFeatures features = features_of(golden);
    std::map<std::string, double> values;
    for (const OpenFacePredictor& predictor : predictors_->all())
      values[predictor.name] = predictor.value(features, no_median);
    for (const auto& [name, expected] : golden.values) {
      ASSERT_TRUE(values.contains(std::string(name))) << name;
      // Nothing but rounding and where each fit stops lies between both.
      EXPECT_NEAR(values[std::string(name)], expected, 0.01) << golden.picture << ' ' << name;
      worst = std::max(worst, std::abs(values[std::string(name)] - expected));
    }
  }
  RecordProperty("largest_difference", std::to_string(worst));
}

TEST_F(OpenFaceChain, UnitsOfAnExpressionAreAboveThoseOfTheOthers) {
  const ActionUnits surprise = predictors_->of_picture(features_of(kOpenFaceGoldens[0]));
  const ActionUnits happiness = predictors_->of_picture(features_of(kOpenFaceGoldens[1]));
  for (const ActionUnit unit : {ActionUnit::au01, ActionUnit::au02, ActionUnit::au05})
    EXPECT_GT(surprise.intensity[static_cast<std::size_t>(unit)],
              happiness.intensity[static_cast<std::size_t>(unit)] + 1);
  for (const ActionUnit unit : {ActionUnit::au06, ActionUnit::au12}) {
    EXPECT_GT(happiness.intensity[static_cast<std::size_t>(unit)],
              surprise.intensity[static_cast<std::size_t>(unit)] + 1);
    EXPECT_TRUE(happiness.present[static_cast<std::size_t>(unit)]);
    EXPECT_FALSE(surprise.present[static_cast<std::size_t>(unit)]);
  }
}

TEST_F(OpenFaceChain, AFrameThatIsAllMedianHasNoDynamicUnits) {
  const OpenFaceFeatures features = features_of(kOpenFaceGoldens[0]);
  const ActionUnits against_itself = predictors_->of_frame(features, features);
  const ActionUnits of_picture = predictors_->of_picture(features);
  constexpr auto kDynamic = static_cast<std::size_t>(ActionUnit::au02);
  constexpr auto kStatic = static_cast<std::size_t>(ActionUnit::au12);
  EXPECT_LT(against_itself.intensity[kDynamic], of_picture.intensity[kDynamic]);
  EXPECT_EQ(against_itself.intensity[kStatic], of_picture.intensity[kStatic]);
}

TEST_F(OpenFaceChain, NamesTheFileThatIsDamagedAndWhy) {
  const std::filesystem::path file =
      models() / "openface2" / "AU_predictors" / "svr_combined" / "AU_12_static_intensity_comb.dat";
  const std::string good = text_of(file);
  const auto error_of = [](const std::string& bytes, const std::string& name) {
    const Result<OpenFacePredictor> predictor =
        OpenFacePredictor::parse(std::as_bytes(std::span(bytes)), name);
    return predictor ? std::string("none") : predictor.error().message();
  };
  const std::string name = "mine/AU_12_static.dat";
  EXPECT_EQ(error_of(good, name), "none");
  EXPECT_THAT(error_of("", name), HasSubstr("'mine/AU_12_static.dat': it ends too early"));
  for (const std::size_t size :
       std::initializer_list<std::size_t>{3, 15, 16, good.size() / 2, good.size() - 1})
    EXPECT_THAT(error_of(good.substr(0, size), name), HasSubstr("it ends too early")) << size;
  EXPECT_THAT(error_of(good + "x", name), HasSubstr("goes on after its end"));
  EXPECT_THAT(error_of("\x09" + good.substr(1), name), HasSubstr("found type 9"));
  std::string columns = good;
  columns[8] = '\x01';
  EXPECT_THAT(error_of(columns, name), HasSubstr("found a matrix of 1x"));
  std::string numbers = good;
  numbers.replace(16, 8, std::string("\0\0\0\0\0\0\xF0\x7F", 8));  // Infinity.
  EXPECT_THAT(error_of(numbers, name), HasSubstr("not finite"));
  EXPECT_THAT(error_of(good, "AU_99_static.dat"), HasSubstr("no unit"));
  EXPECT_THAT(error_of(good, "readme.dat"), HasSubstr("no unit"));
}

TEST_F(OpenFaceChain, NamesTheFolderThatLacksSomething) {
  const Result<OpenFacePredictors> missing = OpenFacePredictors::load(path("nowhere"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
  EXPECT_THAT(missing.error().message(), HasSubstr("nowhere/svr_combined'"));
  std::filesystem::create_directories(path("half/svr_combined"));
  std::filesystem::create_directories(path("half/svm_combined"));
  const Result<OpenFacePredictors> half = OpenFacePredictors::load(path("half"));
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().message(), HasSubstr("no static intensity of AU01"));
}

TEST_F(OpenFaceChain, NamesTheShapeModelThatIsDamagedAndWhy) {
  const std::string good = text_of(models() / "In-the-wild_aligned_PDM_68_from_mat.txt");
  const auto error_of = [](const std::string& text) {
    const Result<ShapeModel> model = ShapeModel::parse(text, "mine.txt");
    return model ? std::string("none") : model.error().message();
  };
  EXPECT_EQ(error_of(good), "none");
  EXPECT_THAT(error_of(""), HasSubstr("'mine.txt': it ends inside the mean"));
  EXPECT_THAT(error_of(good.substr(0, good.size() / 2)), HasSubstr("inside the modes"));
  EXPECT_THAT(error_of("204\n1\n6\nnose"), HasSubstr("found 'nose' in the mean"));
  EXPECT_THAT(error_of("66\n3\n6\n"), HasSubstr("the mean is not 204x1"));
}

TEST_F(OpenFaceChain, ReadsTheMatFileThatTheTextWasMadeFrom) {
  const std::string mat = text_of(models() / "pdm_68_aligned_wild.mat");
  const Result<ShapeModel> model = ShapeModel::read(std::as_bytes(std::span(mat)), "mine.mat");
  ASSERT_TRUE(model) << model.error().message();
  for (std::size_t i = 0; i < kShapeCoordinateCount; ++i)
    EXPECT_NEAR(model->mean()[i], model_->mean()[i], 1e-9) << i;
  for (const OpenFaceGolden& golden : kOpenFaceGoldens) {
    const Landmarks landmarks = landmarks_of(golden);
    const ShapeFit of_mat = model->fit(landmarks);
    const ShapeFit of_text = model_->fit(landmarks);
    for (std::size_t i = 0; i < kShapeModeCount; ++i)
      EXPECT_NEAR(of_mat.modes[i], of_text.modes[i], 1e-4) << i;
  }
}

TEST_F(OpenFaceChain, NamesTheMatFileThatIsDamagedAndWhy) {
  const std::string good = text_of(models() / "pdm_68_aligned_wild.mat");
  const auto error_of = [](const std::string& bytes) {
    const Result<ShapeModel> model = ShapeModel::read(std::as_bytes(std::span(bytes)), "mine.mat");
    return model ? std::string("none") : model.error().message();
  };
  EXPECT_EQ(error_of(good), "none");
  for (const std::size_t size :
       std::initializer_list<std::size_t>{128, 130, 135, 136, 5000, good.size() - 1})
    EXPECT_THAT(error_of(good.substr(0, size)), HasSubstr("'mine.mat'")) << size;
  std::string changed = good;
  for (std::size_t i = 200; i < 260; ++i)
    changed[i] = static_cast<char>(~changed[i]);
  EXPECT_THAT(error_of(changed), HasSubstr("does not unpack"));
  std::string big_endian = good;
  std::swap(big_endian[126], big_endian[127]);
  EXPECT_THAT(error_of(big_endian), HasSubstr("big-endian"));
  EXPECT_THAT(error_of(good.substr(0, 128)), HasSubstr("no matrix M of 204x1"));
}

TEST_F(OpenFaceChain, APersonsMedianIsTakenOffInPiecesAsAtOnce) {
  const OpenFaceFeatures face = features_of(kOpenFaceGoldens[0]);
  const OpenFaceFeatures median = features_of(kOpenFaceGoldens[2]);
  const ActionUnits at_once = predictors_->of_frame(face, median);
  const ActionUnits in_pieces =
      action_units_of(predictors_->frame_values(face) - predictors_->rest_values(median));
  for (std::size_t i = 0; i < kActionUnitIntensityCount; ++i)
    EXPECT_NEAR(in_pieces.intensity[i], at_once.intensity[i], 1e-5) << kActionUnitNames[i];
  EXPECT_EQ(in_pieces.present, at_once.present);
}

TEST_F(OpenFaceChain, FindsTheFilesInAUsersFolder) {
  namespace fs = std::filesystem;
  const fs::path folder = path("mine");
  fs::create_directories(folder);
  fs::create_directory_symlink(models() / "openface2" / "AU_predictors", folder / "AU_predictors");
  const auto error_of = [](const fs::path& where) {
    const Result<OpenFaceFiles> files = find_openface_files(where);
    return files ? std::string("none") : files.error().message();
  };
  EXPECT_THAT(error_of(folder), HasSubstr("mine': it has no shape model"));
  fs::copy_file(models() / "In-the-wild_aligned_PDM_68_from_mat.txt",
                folder / "In-the-wild_aligned_PDM_68.txt");
  const Result<OpenFaceFiles> files = find_openface_files(folder);
  ASSERT_TRUE(files) << files.error().message();
  EXPECT_EQ(files->predictors.size(), 65U);
  const Result<OpenFaceModel> model = OpenFaceModel::load(*files);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->predictors.all().size(), predictors_->all().size());
  EXPECT_THAT(error_of(path("nowhere")), HasSubstr("nowhere': there is no such folder"));
  EXPECT_THAT(error_of(fs::path(path("mine")).parent_path()), HasSubstr("no folder svr_combined"));
}

}  // namespace
}  // namespace retinue
