#include "postprocess/blazeface.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Size kShortRange{128, 128};
constexpr Size kFullRange{192, 192};

/// The outputs of a model that finds nothing, to be changed.
class Outputs {
 public:
  explicit Outputs(std::int64_t anchors)
      : regressors_(ElementType::float32, {1, anchors, 16}),
        logits_(ElementType::float32, {1, anchors, 1}) {
    std::ranges::fill(regressors_.floats(), 0.0F);
    std::ranges::fill(logits_.floats(), -50.0F);
  }

  std::span<float> row(std::size_t anchor) { return regressors_.floats().subspan(16 * anchor, 16); }
  float& logit(std::size_t anchor) { return logits_.floats()[anchor]; }

  std::vector<TensorView> views() const { return {regressors_.view(), logits_.view()}; }

 private:
  Tensor regressors_;
  Tensor logits_;
};

Result<std::vector<FaceIn<TensorPx>>> read(std::span<const TensorView> outputs, Size input,
                                           const BlazefaceSettings& settings = {}) {
  std::vector<FaceIn<TensorPx>> faces;
  TRY(blazeface_faces(outputs, input, settings, faces));
  return faces;
}

std::vector<FaceIn<TensorPx>> faces_in(const Outputs& outputs, Size input = kShortRange,
                                       const BlazefaceSettings& settings = {}) {
  const std::vector<TensorView> views = outputs.views();
  Result<std::vector<FaceIn<TensorPx>>> faces = read(views, input, settings);
  if (!faces) {
    ADD_FAILURE() << faces.error().message();
    return {};
  }
  return *std::move(faces);
}

/// A face of 20 pixels, `dx` to the right of its anchor.
void put_face(Outputs& outputs, std::size_t anchor, float dx, float logit) {
  const std::span<float> row = outputs.row(anchor);
  row[0] = dx;
  row[2] = row[3] = 20;
  outputs.logit(anchor) = logit;
}

TEST(BlazefaceFaces, SilenceIsNoFace) {
  EXPECT_THAT(faces_in(Outputs(896)), IsEmpty());
  EXPECT_THAT(faces_in(Outputs(2304), kFullRange), IsEmpty());
}

TEST(BlazefaceFaces, AnAnchorIsAFaceInPixelsFromItsCellsCentre) {
  Outputs outputs(896);
  // Row 3, column 5 of stride 8, whose cells have two anchors each.
  const std::size_t anchor = (3 * 16 + 5) * 2 + 1;
  const std::array<float, 16> row{1, -2, 20, 30, -4, -5, 4, -5.5F, 0, 1, 0.5F, 6, -9, 0, 9, 0};
  std::ranges::copy(row, outputs.row(anchor).begin());
  outputs.logit(anchor) = std::log(3.0F);
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_NEAR(faces[0].score, 0.75, 1e-6);
  // The centre of the cell is (44, 28).
  EXPECT_EQ(faces[0].box.x, 44 + 1 - 10);
  EXPECT_EQ(faces[0].box.y, 28 - 2 - 15);
  EXPECT_EQ(faces[0].box.width, 20);
  EXPECT_EQ(faces[0].box.height, 30);
  EXPECT_EQ(faces[0].keypoints[0], (Point<TensorPx>{40, 23}));
  EXPECT_EQ(faces[0].keypoints[1], (Point<TensorPx>{48, 22.5F}));
  EXPECT_EQ(faces[0].keypoints[2], (Point<TensorPx>{44, 29}));
  EXPECT_EQ(faces[0].keypoints[3], (Point<TensorPx>{44.5F, 34}));
  EXPECT_EQ(faces[0].keypoints[4], faces[0].keypoints[3]) << "the middle of the mouth";
}

TEST(BlazefaceFaces, TheSecondMapHasSixAnchorsACell) {
  Outputs outputs(896);
  put_face(outputs, 512 + (2 * 8 + 7) * 6 + 5, 0, 5);
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_EQ(faces[0].box.center(), (Point<TensorPx>{120, 40}));
}

TEST(BlazefaceFaces, OfFullRangeHaveOneAnchorACellOfStride4) {
  Outputs outputs(2304);
  put_face(outputs, 10 * 48 + 20, 0, 5);
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs, kFullRange);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_EQ(faces[0].box.center(), (Point<TensorPx>{82, 42}));
}

TEST(BlazefaceFaces, ThatOverlapAreBlendedByTheirScores) {
  Outputs outputs(896);
  put_face(outputs, 0, 30, std::log(9.0F));  // 0.9, at x = 34
  put_face(outputs, 1, 32, std::log(1.5F));  // 0.6, at x = 36
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_NEAR(faces[0].score, 0.9, 1e-6) << "the best one's";
  EXPECT_NEAR(faces[0].box.center().x, (0.9 * 34 + 0.6 * 36) / 1.5, 1e-4);
}

TEST(BlazefaceFaces, ThatStandApartAreAllThereBestFirst) {
  Outputs outputs(896);
  put_face(outputs, 0, 20, 1);
  put_face(outputs, 1, 60, 3);
  put_face(outputs, 2, 100, 2);
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
  ASSERT_THAT(faces, SizeIs(3));
  EXPECT_GT(faces[0].score, faces[1].score);
  EXPECT_GT(faces[1].score, faces[2].score);
  EXPECT_THAT(faces_in(outputs, kShortRange, {.max_faces = 2}), SizeIs(2));
  EXPECT_THAT(faces_in(outputs, kShortRange, {.min_score = 0.85F}), SizeIs(2));
}

/// As MediaPipe writes it down: all candidates in order of their scores, lists, double.
struct Plain {
  double score, x, y, width, height;
};

double overlap(const Plain& a, const Plain& b) {
  const double w = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double h = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return w * h / (a.width * a.height + b.width * b.height - w * h);
}

std::vector<Plain> plain_faces(Outputs& outputs) {
  std::vector<Plain> left;
  for (std::size_t i = 0; i < 896; ++i) {
    const bool fine = i < 512;
    const std::size_t cell = fine ? i / 2 : (i - 512) / 6;
    const std::size_t columns = fine ? 16 : 8;
    const double stride = fine ? 8 : 16;
    const double x = (static_cast<double>(cell % columns) + 0.5) * stride;
    const double y = (static_cast<double>(cell / columns) + 0.5) * stride;
    const std::span<float> r = outputs.row(i);
    const double score = 1 / (1 + std::exp(-static_cast<double>(outputs.logit(i))));
    const double width = r[2];
    const double height = r[3];
    if (score >= 0.5)
      left.push_back({score, x + static_cast<double>(r[0]) - width / 2,
                      y + static_cast<double>(r[1]) - height / 2, width, height});
  }
  std::ranges::stable_sort(left, std::greater<>(), &Plain::score);
  std::vector<Plain> faces;
  while (!left.empty() && faces.size() < 16) {
    const Plain best = left.front();
    Plain sum{0, 0, 0, 0, 0};
    std::vector<Plain> others;
    for (const Plain& p : left) {
      if (&p != &left.front() && overlap(best, p) <= 0.3) {
        others.push_back(p);
        continue;
      }
      sum = {sum.score + p.score, sum.x + p.score * p.x, sum.y + p.score * p.y,
             sum.width + p.score * p.width, sum.height + p.score * p.height};
    }
    faces.push_back({best.score, sum.x / sum.score, sum.y / sum.score, sum.width / sum.score,
                     sum.height / sum.score});
    left = others;
  }
  return faces;
}

TEST(BlazefaceFaces, EqualThePlainReferenceOnNoise) {
  std::minstd_rand random(17);
  std::uniform_real_distribution<float> shift(-6, 6);
  std::uniform_real_distribution<float> side(8, 40);
  std::uniform_real_distribution<float> logit(-8, 2);
  for (int round = 0; round < 20; ++round) {
    Outputs outputs(896);
    for (std::size_t i = 0; i < 896; ++i) {
      const std::span<float> row = outputs.row(i);
      for (float& value : row)
        value = shift(random);
      row[2] = side(random);
      row[3] = side(random);
      outputs.logit(i) = logit(random);
    }
    const std::vector<Plain> expected = plain_faces(outputs);
    const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
    ASSERT_THAT(faces, SizeIs(expected.size()));
    for (std::size_t i = 0; i < faces.size(); ++i) {
      EXPECT_NEAR(faces[i].score, expected[i].score, 1e-5);
      EXPECT_NEAR(faces[i].box.x, expected[i].x, 1e-3);
      EXPECT_NEAR(faces[i].box.y, expected[i].y, 1e-3);
      EXPECT_NEAR(faces[i].box.width, expected[i].width, 1e-3);
      EXPECT_NEAR(faces[i].box.height, expected[i].height, 1e-3);
    }
  }
}

TEST(BlazefaceFaces, AreFoundWhicheverOutputComesFirst) {
  Outputs outputs(896);
  put_face(outputs, 0, 20, 1);
  std::vector<TensorView> views = outputs.views();
  std::ranges::reverse(views);
  const auto faces = read(views, kShortRange);
  ASSERT_TRUE(faces) << faces.error().message();
  EXPECT_THAT(*faces, SizeIs(1));
}

TEST(BlazefaceFaces, OfOtherShapesAreRefused) {
  const Outputs outputs(896);
  for (const Size input : {kFullRange, Size{256, 256}, Size{128, 192}}) {
    const auto faces = read(outputs.views(), input);
    ASSERT_FALSE(faces);
    EXPECT_EQ(faces.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(faces.error().message(), HasSubstr("blazeface"));
  }
  const std::vector<TensorView> views = outputs.views();
  EXPECT_FALSE(read(std::span(views).first(1), kShortRange));
}

TEST(BlazefaceFaces, WithNumbersThatAreNotFiniteAreAnError) {
  Outputs of_boxes(896);
  put_face(of_boxes, 0, std::numeric_limits<float>::infinity(), 1);
  Outputs of_scores(896);
  put_face(of_scores, 0, 0, std::numeric_limits<float>::quiet_NaN());
  for (const Outputs* outputs : {&of_boxes, &of_scores}) {
    const auto faces = read(outputs->views(), kShortRange);
    ASSERT_FALSE(faces);
    EXPECT_EQ(faces.error().code(), ErrorCode::corrupt_input);
  }
}

}  // namespace
}  // namespace retinue
