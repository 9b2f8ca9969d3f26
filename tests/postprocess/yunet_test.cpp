#include "postprocess/yunet.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postprocess/yunet_outputs.hpp"
#include "postprocess/yunet_reference.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = YunetOutputs::Kind;

/// By value, for tests.
Result<std::vector<FaceIn<TensorPx>>> read(std::span<const TensorView> outputs, Size input,
                                           const YunetSettings& settings = {}) {
  std::vector<FaceIn<TensorPx>> faces;
  TRY(yunet_faces(outputs, input, settings, faces));
  return faces;
}

std::vector<FaceIn<TensorPx>> faces_in(const YunetOutputs& outputs,
                                       const YunetSettings& settings = {}) {
  Result<std::vector<FaceIn<TensorPx>>> faces = read(outputs.views(), outputs.input(), settings);
  if (!faces) {
    ADD_FAILURE() << faces.error().message();
    return {};
  }
  return *std::move(faces);
}

TEST(YunetFaces, SilenceIsNoFace) {
  EXPECT_THAT(faces_in(YunetOutputs({64, 32})), IsEmpty());
}

TEST(YunetFaces, SilenceIsNoFaceWhateverTheMinimumScore) {
  EXPECT_THAT(faces_in(YunetOutputs({64, 32}), {.min_score = 0}), IsEmpty());
}

TEST(YunetFaces, ACellIsAFaceByThePublishedFormula) {
  YunetOutputs outputs({64, 96});
  outputs.cell(Kind::cls, 16, 3, 4)[0] = 0.9F;
  outputs.cell(Kind::obj, 16, 3, 4)[0] = 0.6F;
  const std::span<float> box = outputs.cell(Kind::bbox, 16, 3, 4);
  box[0] = 0.25F;
  box[1] = -0.5F;
  box[2] = std::log(2.0F);
  box[3] = std::log(3.0F);
  const std::span<float> keypoints = outputs.cell(Kind::kps, 16, 3, 4);
  keypoints[4] = 1;  // x of the nose
  keypoints[5] = -1;

  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_FLOAT_EQ(faces[0].score, std::sqrt(0.54F));
  EXPECT_FLOAT_EQ(faces[0].box.width, 32);
  EXPECT_FLOAT_EQ(faces[0].box.height, 48);
  EXPECT_FLOAT_EQ(faces[0].box.center().x, 3.25F * 16);
  EXPECT_FLOAT_EQ(faces[0].box.center().y, 3.5F * 16);
  EXPECT_EQ(faces[0].keypoints[0], (Point<TensorPx>{48, 64}));
  EXPECT_EQ(faces[0].keypoints[2], (Point<TensorPx>{64, 48}));
}

TEST(YunetFaces, AFaceOfTheMinimumScoreIsKept) {
  YunetOutputs outputs({64, 64});
  outputs.put_face(32, 1, 1, 0.75F, 20);
  EXPECT_THAT(faces_in(outputs, {.min_score = 0.75F}), SizeIs(1));
  EXPECT_THAT(faces_in(outputs, {.min_score = 0.76F}), IsEmpty());
}

TEST(YunetFaces, ScoresBeyondTheirRangeAreClamped) {
  YunetOutputs outputs({64, 64});
  outputs.put_face(32, 1, 1, 7, 20);
  outputs.put_face(8, 0, 0, -2, 20);
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_EQ(faces[0].score, 1);
}

TEST(YunetFaces, AreTheBestOnesBestFirst) {
  YunetOutputs outputs({128, 32});
  outputs.put_face(8, 2, 1, 0.8F, 8);
  outputs.put_face(8, 6, 1, 0.95F, 8);
  outputs.put_face(32, 3, 0, 0.9F, 8);
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs, {.max_faces = 2});
  ASSERT_THAT(faces, SizeIs(2));
  EXPECT_FLOAT_EQ(faces[0].score, 0.95F);
  EXPECT_FLOAT_EQ(faces[1].score, 0.9F);
}

TEST(YunetFaces, OneFaceSeenByTwoStridesIsOneFace) {
  YunetOutputs outputs({64, 64});
  outputs.put_face(8, 4, 4, 0.8F, 30);
  outputs.put_face(32, 1, 1, 0.9F, 32);
  const std::vector<FaceIn<TensorPx>> faces = faces_in(outputs);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_FLOAT_EQ(faces[0].score, 0.9F);
}

/// A face and a ReferenceFace: coordinates within a thousandth of a pixel, scores within 1e-5.
MATCHER(EqualsReference, "") {
  const auto& [face, expected] = arg;
  double furthest_px = 0;
  const auto compare = [&furthest_px](float found, double wanted) {
    furthest_px = std::max(furthest_px, std::abs(static_cast<double>(found) - wanted));
  };
  compare(face.box.x, expected.x);
  compare(face.box.y, expected.y);
  compare(face.box.width, expected.width);
  compare(face.box.height, expected.height);
  for (std::size_t k = 0; k < kFaceKeypointCount; ++k) {
    compare(face.keypoints[k].x, expected.keypoints[2 * k]);
    compare(face.keypoints[k].y, expected.keypoints[2 * k + 1]);
  }
  return furthest_px < 1e-3 && std::abs(static_cast<double>(face.score) - expected.score) < 1e-5;
}

TEST(YunetFaces, EqualThePlainReferenceOnRandomOutputs) {
  std::mt19937 random(7);
  for (const Size size : {Size{32, 32}, Size{96, 64}, Size{64, 160}}) {
    YunetOutputs outputs(size);
    std::uniform_real_distribution<float> any(-1, 1);
    std::uniform_real_distribution<float> score(0, 1);
    for (std::size_t i = 0; i < outputs.tensors().size(); ++i) {
      for (float& value : outputs.tensors()[i].floats())
        value = i < 6 ? score(random) : any(random);
    }
    const std::vector<FaceIn<TensorPx>> faces =
        faces_in(outputs, {.min_score = 0.4F, .max_iou = 0.3F, .max_faces = 10'000});
    const std::vector<ReferenceFace> expected =
        reference_yunet_faces(outputs.views(), size, 0.4, 0.3);
    EXPECT_GT(faces.size(), 0U);
    EXPECT_THAT(faces, testing::Pointwise(EqualsReference(), expected));
  }
}

TEST(YunetFaces, RefusesAnotherNumberOfOutputs) {
  const YunetOutputs outputs({64, 64});
  std::vector<TensorView> views = outputs.views();
  views.pop_back();
  const auto faces = read(views, outputs.input());
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(faces.error().message(), HasSubstr("found 11, need 12"));
}

TEST(YunetFaces, RefusesOutputsOfAnotherInputSize) {
  const YunetOutputs outputs({64, 64});
  const auto faces = read(outputs.views(), {64, 96});
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(faces.error().message(), HasSubstr("64x96"));
}

TEST(YunetFaces, RefusesOutputsThatAreNotFloats) {
  YunetOutputs outputs({64, 64});
  outputs.tensors()[0] = Tensor(ElementType::int32, outputs.tensors()[0].shape());
  const auto faces = read(outputs.views(), outputs.input());
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(faces.error().message(), HasSubstr("int32"));
}

TEST(YunetFaces, RefusesAFaceWhoseNumbersAreNotFinite) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const Kind kind : {Kind::cls, Kind::bbox, Kind::kps}) {
    YunetOutputs outputs({64, 64});
    outputs.put_face(32, 1, 1, 0.9F, 20);
    outputs.cell(kind, 32, 1, 1)[0] = kNan;
    const auto faces = read(outputs.views(), outputs.input());
    ASSERT_FALSE(faces) << static_cast<int>(kind);
    EXPECT_EQ(faces.error().code(), ErrorCode::corrupt_input);
  }
  YunetOutputs outputs({64, 64});
  outputs.put_face(32, 1, 1, 0.9F, 20);
  outputs.cell(Kind::bbox, 32, 1, 1)[2] = 1000;  // e^1000 pixels wide
  EXPECT_FALSE(read(outputs.views(), outputs.input()));
}

TEST(YunetFaces, ACellThatIsNoFaceMayHoldAnything) {
  YunetOutputs outputs({64, 64});
  outputs.cell(Kind::bbox, 32, 1, 1)[2] = 1000;
  EXPECT_THAT(faces_in(outputs), IsEmpty());
}

}  // namespace
}  // namespace retinue
