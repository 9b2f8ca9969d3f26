#include "postprocess/scrfd.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensor/views_of.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Size kInput{96, 64};

/// The outputs of a model that finds nothing, to be changed.
class Outputs {
 public:
  explicit Outputs(bool batch_axis = true) {
    for (const std::int64_t columns : {1, 4, 10}) {
      for (const int stride : {8, 16, 32}) {
        const std::int64_t rows =
            std::int64_t{2} * (kInput.width / stride) * (kInput.height / stride);
        const Shape shape = batch_axis ? Shape{1, rows, columns} : Shape{rows, columns};
        Tensor& tensor = tensors_.emplace_back(ElementType::float32, shape);
        std::ranges::fill(tensor.floats(), 0.0F);
      }
    }
  }

  float& score(std::size_t level, std::size_t anchor) { return tensors_[level].floats()[anchor]; }
  std::span<float> box(std::size_t level, std::size_t anchor) {
    return tensors_[3 + level].floats().subspan(4 * anchor, 4);
  }
  std::span<float> keypoints(std::size_t level, std::size_t anchor) {
    return tensors_[6 + level].floats().subspan(10 * anchor, 10);
  }

  std::vector<TensorView> views() const { return views_of(tensors_); }

 private:
  std::vector<Tensor> tensors_;
};

/// A face that reaches one stride from its anchor on every side.
void put_face(Outputs& outputs, std::size_t level, std::size_t anchor, float score) {
  outputs.score(level, anchor) = score;
  std::ranges::fill(outputs.box(level, anchor), 1.0F);
}

Result<std::vector<FaceIn<TensorPx>>> read(const Outputs& outputs, Size input = kInput,
                                           const ScrfdSettings& settings = {}) {
  std::vector<FaceIn<TensorPx>> faces;
  TRY(scrfd_faces(outputs.views(), input, settings, faces));
  return faces;
}

TEST(ScrfdFaces, SilenceIsNoFace) {
  EXPECT_THAT(read(Outputs()).value(), IsEmpty());
}

TEST(ScrfdFaces, AnAnchorIsAFaceInStridesFromItsCellsCorner) {
  for (const bool batch_axis : {true, false}) {
    Outputs outputs(batch_axis);
    // Column 2, row 1 of the 6 x 4 cells of stride 16; the second of its anchors.
    const std::size_t anchor = (1 * 6 + 2) * 2 + 1;
    outputs.score(1, anchor) = 0.75F;
    std::ranges::copy(std::array{0.5F, 0.25F, 1.0F, 1.5F}, outputs.box(1, anchor).begin());
    std::ranges::copy(
        std::array{-0.25F, 0.5F, 0.75F, 0.5F, 0.25F, 0.75F, -0.125F, 1.0F, 0.5F, 1.0F},
        outputs.keypoints(1, anchor).begin());
    const std::vector<FaceIn<TensorPx>> faces = read(outputs).value();
    ASSERT_THAT(faces, SizeIs(1));
    EXPECT_EQ(faces[0].score, 0.75F);
    EXPECT_EQ(faces[0].box, (Box<TensorPx>{32 - 8, 16 - 4, 24, 28}));
    EXPECT_EQ(faces[0].keypoints[0], (Point<TensorPx>{28, 24}));
    EXPECT_EQ(faces[0].keypoints[2], (Point<TensorPx>{36, 28}));
    EXPECT_EQ(faces[0].keypoints[4], (Point<TensorPx>{40, 32}));
  }
}

TEST(ScrfdFaces, OfAllStridesAreThereBestFirst) {
  Outputs outputs;
  put_face(outputs, 0, 0, 0.6F);
  put_face(outputs, 1, 4, 0.9F);
  put_face(outputs, 2, 4, 0.7F);
  const std::vector<FaceIn<TensorPx>> faces = read(outputs).value();
  ASSERT_THAT(faces, SizeIs(3));
  EXPECT_EQ(faces[0].box.center(), (Point<TensorPx>{32, 0}));
  EXPECT_EQ(faces[1].box.center(), (Point<TensorPx>{64, 0}));
  EXPECT_EQ(faces[2].box.center(), (Point<TensorPx>{0, 0}));
  EXPECT_THAT(read(outputs, kInput, {.min_score = 0.65F}).value(), SizeIs(2));
  EXPECT_THAT(read(outputs, kInput, {.max_faces = 1}).value(), SizeIs(1));
}

TEST(ScrfdFaces, OfBothAnchorsOfACellTheBetterOneStays) {
  Outputs outputs;
  put_face(outputs, 0, 10, 0.6F);
  put_face(outputs, 0, 11, 0.8F);
  const std::vector<FaceIn<TensorPx>> faces = read(outputs).value();
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_EQ(faces[0].score, 0.8F);
}

TEST(ScrfdFaces, OfAnInputOfAnotherSizeAreRefused) {
  const auto faces = read(Outputs(), {128, 64});
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(faces.error().message(), HasSubstr("scrfd"));
}

TEST(ScrfdFaces, WithoutKeypointsAreRefused) {
  const Outputs outputs;
  const std::vector<TensorView> views = outputs.views();
  std::vector<FaceIn<TensorPx>> faces;
  EXPECT_FALSE(scrfd_faces(std::span(views).first(6), kInput, {}, faces));
}

TEST(ScrfdFaces, WithNumbersThatAreNotFiniteAreAnError) {
  Outputs outputs;
  put_face(outputs, 1, 3, 0.9F);
  outputs.keypoints(1, 3)[7] = std::numeric_limits<float>::quiet_NaN();
  const auto faces = read(outputs);
  ASSERT_FALSE(faces);
  EXPECT_EQ(faces.error().code(), ErrorCode::corrupt_input);
}

}  // namespace
}  // namespace retinue
