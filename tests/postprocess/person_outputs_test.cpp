// What the families of persons and poses say of outputs that are not theirs. That they read their
// own is tested with whole models, in tests/pipeline/person_families_test.cpp.
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "postprocess/blazepose.hpp"
#include "postprocess/body_pose.hpp"
#include "postprocess/detr.hpp"
#include "postprocess/fastestdet.hpp"
#include "postprocess/nanodet.hpp"
#include "postprocess/yolo.hpp"
#include "postprocess/yolox.hpp"

namespace retinue {
namespace {

constexpr Size kInput{64, 64};

/// Outputs of these shapes, every number `value`.
class Outputs {
 public:
  explicit Outputs(std::initializer_list<Shape> shapes, float value = 0) {
    for (const Shape& shape : shapes) {
      Tensor& tensor = tensors_.emplace_back(ElementType::float32, shape);
      for (float& number : tensor.floats())
        number = value;
    }
    for (const Tensor& tensor : tensors_)
      views_.push_back(tensor.view());
  }
  std::span<const TensorView> views() const { return views_; }

 private:
  std::vector<Tensor> tensors_;
  std::vector<TensorView> views_;
};

/// What a detector answers, as text.
template <typename Detect>
std::string answer(const Detect& detect, const Outputs& outputs,
                   const PersonDetectionSettings& settings = {}) {
  std::vector<PersonDetection> persons(3);
  const Result<void> done = detect(outputs.views(), settings, persons);
  if (!done) {
    EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument) << done.error().message();
    return "refused";
  }
  return std::to_string(persons.size()) + " persons";
}

template <typename Detect>
auto with_size(const Detect& detect) {
  return [detect](auto outputs, const auto& settings, auto& persons) {
    return detect(outputs, kInput, settings, persons);
  };
}

TEST(PersonOutputs, OfZerosHaveNobodyInThem) {
  EXPECT_EQ(answer(with_size(yolox_persons), Outputs({{1, 84, 85}})), "0 persons");
  EXPECT_EQ(
      answer(with_size(nanodet_persons),
             Outputs({{1, 64, 80}, {1, 16, 80}, {1, 4, 80}, {1, 64, 32}, {1, 16, 32}, {1, 4, 32}})),
      "0 persons");
  EXPECT_EQ(answer(with_size(fastestdet_persons), Outputs({{1, 85, 4, 4}})), "0 persons");
  EXPECT_EQ(answer(yolov5_persons, Outputs({{1, 252, 85}})), "0 persons");
  EXPECT_EQ(answer(yolov8_persons, Outputs({{1, 84, 84}})), "0 persons");
  EXPECT_EQ(answer(yolov10_persons, Outputs({{1, 300, 6}})), "0 persons");
  EXPECT_EQ(answer(yolo_pose_persons, Outputs({{1, 56, 84}})), "0 persons");
  EXPECT_EQ(answer(with_size(detr_persons), Outputs({{1, 300, 84}})), "0 persons");
}

TEST(PersonOutputs, OfOtherShapesAreRefused) {
  EXPECT_EQ(answer(with_size(yolox_persons), Outputs({{1, 85, 85}})), "refused");
  EXPECT_EQ(answer(with_size(yolox_persons), Outputs({{1, 84, 5}})), "refused");
  EXPECT_EQ(answer(with_size(yolox_persons), Outputs({})), "refused");
  EXPECT_EQ(answer(with_size(nanodet_persons), Outputs({{1, 64, 80}, {1, 16, 80}})), "refused");
  EXPECT_EQ(
      answer(with_size(nanodet_persons),
             Outputs({{1, 64, 80}, {1, 16, 80}, {1, 4, 80}, {1, 64, 32}, {1, 16, 32}, {1, 4, 28}})),
      "refused");
  EXPECT_EQ(answer(with_size(fastestdet_persons), Outputs({{1, 5, 4, 4}})), "refused");
  EXPECT_EQ(answer(yolov5_persons, Outputs({{1, 252, 5}})), "refused");
  EXPECT_EQ(answer(yolov8_persons, Outputs({{1, 4, 84}})), "refused");
  EXPECT_EQ(answer(yolov8_persons, Outputs({{84, 84}})), "refused");
  EXPECT_EQ(answer(yolov10_persons, Outputs({{1, 300, 7}})), "refused");
  EXPECT_EQ(answer(yolo_pose_persons, Outputs({{1, 57, 84}})), "refused");
  EXPECT_EQ(answer(with_size(detr_persons), Outputs({{1, 300, 80}, {1, 299, 4}})), "refused");
  EXPECT_EQ(answer(with_size(detr_persons), Outputs({{1, 300, 4}})), "refused");
  EXPECT_EQ(answer(blazepose_persons, Outputs({{1, 2254, 12}, {1, 2253, 1}})), "refused");
}

TEST(PersonOutputs, HaveTheClassThatIsAskedForOrAreRefused) {
  const PersonDetectionSettings settings{.person_class = 80};
  EXPECT_EQ(answer(with_size(yolox_persons), Outputs({{1, 84, 85}}), settings), "refused");
  EXPECT_EQ(answer(yolov8_persons, Outputs({{1, 84, 84}}), settings), "refused");
  EXPECT_EQ(answer(yolov5_persons, Outputs({{1, 252, 85}}), settings), "refused");
  EXPECT_EQ(answer(with_size(fastestdet_persons), Outputs({{1, 85, 4, 4}}), settings), "refused");
  EXPECT_EQ(answer(with_size(detr_persons), Outputs({{1, 300, 84}}), settings), "refused");
}

TEST(PersonOutputs, KeepOnlyTheBestOfThoseThatOverlap) {
  Outputs outputs({{1, 5, 84}});
  const std::span<float> values = outputs.views()[0].floats();
  const auto put = [&values](std::size_t column, float x, float score) {
    values[0 * 84 + column] = x;
    values[1 * 84 + column] = 30;
    values[2 * 84 + column] = 10;
    values[3 * 84 + column] = 20;
    values[4 * 84 + column] = score;
  };
  put(3, 20, 0.6F);
  put(4, 21, 0.8F);  // IoU with the one before: 9 / 11.
  put(5, 50, 0.7F);
  std::vector<PersonDetection> persons;
  ASSERT_TRUE(yolov8_persons(outputs.views(), {.max_iou = 0.65F}, persons));
  ASSERT_EQ(persons.size(), 2U);
  EXPECT_FLOAT_EQ(persons[0].score, 0.8F);
  EXPECT_FLOAT_EQ(persons[0].box.x, 16);
  EXPECT_FLOAT_EQ(persons[1].score, 0.7F);
}

TEST(PoseOutputs, OfOtherShapesAreRefused) {
  EXPECT_FALSE(movenet_keypoints(Outputs({{1, 1, 17, 2}}).views(), kInput));
  EXPECT_FALSE(simcc_keypoints(Outputs({{1, 17, 128}, {1, 17, 64}}).views(), kInput));
  EXPECT_FALSE(simcc_keypoints(Outputs({{1, 16, 128}, {1, 16, 128}}).views(), kInput));
  EXPECT_FALSE(simcc_keypoints(Outputs({{1, 17, 128}}).views(), kInput));
  EXPECT_FALSE(heatmap_keypoints(Outputs({{1, 16, 16, 16}}).views(), kInput));
  EXPECT_FALSE(blazepose_landmarks(Outputs({{1, 195}, {1, 117}}).views()));
}

TEST(PoseOutputs, NumbersThatAreNotFiniteAreCorrupt) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto code = [](const auto& result) {
    return result ? ErrorCode::internal : result.error().code();
  };
  EXPECT_EQ(code(movenet_keypoints(Outputs({{1, 1, 17, 3}}, nan).views(), kInput)),
            ErrorCode::corrupt_input);
  EXPECT_EQ(code(simcc_keypoints(Outputs({{1, 17, 128}, {1, 17, 128}}, nan).views(), kInput)),
            ErrorCode::corrupt_input);
  EXPECT_EQ(code(heatmap_keypoints(Outputs({{1, 17, 16, 16}}, nan).views(), kInput)),
            ErrorCode::corrupt_input);
  EXPECT_EQ(code(blazepose_landmarks(Outputs({{1, 195}, {1, 117}, {1, 1}}, nan).views())),
            ErrorCode::corrupt_input);
}

TEST(PoseOutputs, APointAtTheMapsEdgeHasNoNeighbourToGoBy) {
  const Outputs outputs({{1, 17, 16, 16}});
  outputs.views()[0].floats()[0] = 0.5F;  // The first keypoint, in the corner.
  const Result<BodyKeypoints<TensorPx>> keypoints = heatmap_keypoints(outputs.views(), kInput);
  ASSERT_TRUE(keypoints);
  EXPECT_EQ((*keypoints)[0].at, (Point<TensorPx>{0.5F, 0.5F}));
}

}  // namespace
}  // namespace retinue
