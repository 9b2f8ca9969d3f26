#include "postprocess/retinaface.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Size kInput{96, 64};
/// Two a cell: 12 x 8 cells of stride 8, then 6 x 4 of 16, then 3 x 2 of 32.
constexpr std::size_t kFirstOfStride16 = 192;
constexpr std::size_t kFirstOfStride32 = 240;
constexpr std::int64_t kAnchors = 252;

/// The outputs of a model that finds nothing, to be changed.
class Outputs {
 public:
  Outputs()
      : boxes_(ElementType::float32, {1, kAnchors, 4}),
        scores_(ElementType::float32, {1, kAnchors, 2}),
        keypoints_(ElementType::float32, {1, kAnchors, 10}) {
    for (Tensor* tensor : {&boxes_, &scores_, &keypoints_})
      std::ranges::fill(tensor->floats(), 0.0F);
  }

  float& score(std::size_t anchor) { return scores_.floats()[2 * anchor + 1]; }
  float& score_of_none(std::size_t anchor) { return scores_.floats()[2 * anchor]; }
  std::span<float> box(std::size_t anchor) { return boxes_.floats().subspan(4 * anchor, 4); }
  std::span<float> keypoints(std::size_t anchor) {
    return keypoints_.floats().subspan(10 * anchor, 10);
  }

  std::vector<TensorView> views() const {
    return {boxes_.view(), scores_.view(), keypoints_.view()};
  }

 private:
  Tensor boxes_;
  Tensor scores_;
  Tensor keypoints_;
};

Result<std::vector<FaceIn<TensorPx>>> read(std::span<const TensorView> outputs, Size input = kInput,
                                           const RetinafaceSettings& settings = {}) {
  std::vector<FaceIn<TensorPx>> faces;
  TRY(retinaface_faces(outputs, input, settings, faces));
  return faces;
}

TEST(RetinafaceFaces, SilenceIsNoFace) {
  EXPECT_THAT(read(Outputs().views()).value(), IsEmpty());
}

TEST(RetinafaceFaces, TheFirstOfTheScoresIsThatOfNoFace) {
  Outputs outputs;
  outputs.score_of_none(0) = 1;
  EXPECT_THAT(read(outputs.views()).value(), IsEmpty());
}

TEST(RetinafaceFaces, ZerosAreTheAnchorItself) {
  struct Case {
    std::size_t anchor = 0;
    Point<TensorPx> center;
    float side = 0;
  };
  // Two a cell: of rows of 12, 6 and 3 cells, row 2 column 5, row 3 column 1, row 1 column 2.
  const std::array cases{
      Case{0, {4, 4}, 16},
      Case{1, {4, 4}, 32},
      Case{58, {44, 20}, 16},
      Case{kFirstOfStride16 + 38, {24, 56}, 64},
      Case{kFirstOfStride16 + 39, {24, 56}, 128},
      Case{kFirstOfStride32 + 11, {80, 48}, 512},
  };
  for (const Case& c : cases) {
    Outputs outputs;
    outputs.score(c.anchor) = 0.9F;
    const std::vector<FaceIn<TensorPx>> faces = read(outputs.views()).value();
    ASSERT_THAT(faces, SizeIs(1)) << c.anchor;
    EXPECT_EQ(faces[0].score, 0.9F);
    EXPECT_EQ(faces[0].box.center(), c.center);
    EXPECT_EQ(faces[0].box.width, c.side);
    EXPECT_EQ(faces[0].box.height, c.side);
    for (const Point<TensorPx>& point : faces[0].keypoints)
      EXPECT_EQ(point, c.center);
  }
}

TEST(RetinafaceFaces, ShiftsAreTenthsAndSizesExponentsOfFifthsOfTheAnchorsSide) {
  Outputs outputs;
  const std::size_t anchor = kFirstOfStride16;  // 64 pixels at (8, 8)
  outputs.score(anchor) = 0.9F;
  std::ranges::copy(std::array{1.0F, -0.5F, 5 * std::log(2.0F), -5 * std::log(2.0F)},
                    outputs.box(anchor).begin());
  std::ranges::copy(std::array{-1.0F, 2.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 2.5F, 5.0F},
                    outputs.keypoints(anchor).begin());
  const std::vector<FaceIn<TensorPx>> faces = read(outputs.views()).value();
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_NEAR(faces[0].box.center().x, 8 + 6.4, 1e-4);
  EXPECT_NEAR(faces[0].box.center().y, 8 - 3.2, 1e-4);
  EXPECT_NEAR(faces[0].box.width, 128, 1e-3);
  EXPECT_NEAR(faces[0].box.height, 32, 1e-3);
  EXPECT_NEAR(faces[0].keypoints[0].x, 8 - 6.4, 1e-4);
  EXPECT_NEAR(faces[0].keypoints[0].y, 8 + 12.8, 1e-4);
  EXPECT_NEAR(faces[0].keypoints[4].x, 8 + 16, 1e-4);
  EXPECT_NEAR(faces[0].keypoints[4].y, 8 + 32, 1e-4);
}

TEST(RetinafaceFaces, ThatOverlapLeaveTheBestOne) {
  Outputs outputs;
  outputs.score(kFirstOfStride16) = 0.7F;
  outputs.score(kFirstOfStride16 + 2) = 0.8F;  // one cell to the right
  outputs.score(100) = 0.9F;
  const std::vector<FaceIn<TensorPx>> faces = read(outputs.views()).value();
  ASSERT_THAT(faces, SizeIs(2));
  EXPECT_EQ(faces[0].score, 0.9F);
  EXPECT_EQ(faces[1].score, 0.8F);
  EXPECT_THAT(read(outputs.views(), kInput, {.min_score = 0.85F}).value(), SizeIs(1));
}

TEST(RetinafaceFaces, AreFoundWhicheverOutputComesFirst) {
  Outputs outputs;
  outputs.score(7) = 0.9F;
  std::vector<TensorView> views = outputs.views();
  std::ranges::reverse(views);
  EXPECT_THAT(read(views).value(), SizeIs(1));
}

TEST(RetinafaceFaces, OfAnInputOfAnotherSizeAreRefused) {
  const auto faces = read(Outputs().views(), {128, 64});
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(faces.error().message(), HasSubstr("retinaface"));
}

TEST(RetinafaceFaces, WithNumbersThatAreNotFiniteAreAnError) {
  Outputs of_sizes;
  of_sizes.score(3) = 0.9F;
  of_sizes.box(3)[2] = 1e9F;
  Outputs of_scores;
  of_scores.score(3) = std::numeric_limits<float>::quiet_NaN();
  for (const Outputs* outputs : {&of_sizes, &of_scores}) {
    const auto faces = read(outputs->views());
    ASSERT_FALSE(faces);
    EXPECT_EQ(faces.error().code(), ErrorCode::corrupt_input);
  }
}

}  // namespace
}  // namespace retinue
