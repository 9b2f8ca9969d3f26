// Families of face detectors that a user may bring, from a picture to faces in its pixels:
// recognised, imported, fed by the sampler, run and read. The models are constants with a known
// face.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/constant_heads.hpp"
#include "models/import.hpp"
#include "pipeline/analysed_picture.hpp"
#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

constexpr std::array kPictures = {Size{640, 360}, Size{360, 640}, Size{200, 200}};
constexpr std::array kInputs = {Size{320, 320}, Size{320, 192}};

/// The face in every picture, in shares of its sides.
constexpr double kCenterX = 0.6;
constexpr double kCenterY = 0.4;
constexpr double kWidth = 0.25;
constexpr double kHeight = 0.2;
constexpr float kScore = 0.9F;

/// Keypoints stand at these shares of the face's box.
constexpr std::array<std::array<double, 2>, kFaceKeypointCount> kKeypoints = {
    {{0.3, 0.4}, {0.7, 0.4}, {0.5, 0.6}, {0.35, 0.8}, {0.65, 0.8}}};

float f(double value) {
  return static_cast<float>(value);
}

/// The face in an input into whose upper left corner all of the picture was fitted.
Box<TensorPx> in_tensor(Size picture, Size input) {
  const double scale = std::min(static_cast<double>(input.width) / picture.width,
                                static_cast<double>(input.height) / picture.height);
  const double width = kWidth * picture.width * scale;
  const double height = kHeight * picture.height * scale;
  return {f(kCenterX * picture.width * scale - width / 2),
          f(kCenterY * picture.height * scale - height / 2), f(width), f(height)};
}

/// Numbers for one anchor: sides or centre and size, then keypoints, relative to it.
using Rows = std::vector<float>;

Point<TensorPx> keypoint(const Box<TensorPx>& face, std::size_t i) {
  return {face.x + f(kKeypoints.at(i)[0]) * face.width,
          face.y + f(kKeypoints.at(i)[1]) * face.height};
}

std::vector<Face> faces_seen(TinyGraph& graph, ModelFamily family, Size picture_size) {
  ModelFile file;
  file.path = "mine.onnx";
  Result<ImportedModel> imported = import_model(graph.bytes());
  if (!imported) {
    ADD_FAILURE() << imported.error().message();
    return {};
  }
  file.graph = std::move(imported->graph);
  file.signature = read_signature(file.graph).value();
  const Result<ModelFamily> recognised = recognise_family(file.signature, ModelTask::faces);
  if (!recognised) {
    ADD_FAILURE() << recognised.error().message();
    return {};
  }
  EXPECT_EQ(name_of(*recognised), name_of(family));
  file.family = *recognised;
  Result<LoadedModel> model = open_model(ModelTask::faces, file, {});
  if (!model) {
    ADD_FAILURE() << model.error().message();
    return {};
  }
  TestPicture picture({.format = PixelFormat::yuv420p, .size = picture_size});
  picture.fill({128, 128, 128});
  return analysed_picture({*std::move(model)}, "faces", picture.frame()).faces;
}

void expect_the_face(const std::vector<Face>& faces, Size picture) {
  ASSERT_EQ(faces.size(), 1U) << picture.width << "x" << picture.height;
  const Box<FramePx>& box = faces[0].box;
  constexpr double kTolerancePx = 0.05;
  EXPECT_EQ(faces[0].score, kScore);
  EXPECT_NEAR(box.center().x, kCenterX * picture.width, kTolerancePx);
  EXPECT_NEAR(box.center().y, kCenterY * picture.height, kTolerancePx);
  EXPECT_NEAR(box.width, kWidth * picture.width, kTolerancePx);
  EXPECT_NEAR(box.height, kHeight * picture.height, kTolerancePx);
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    const auto [x, y] = kKeypoints.at(i);
    EXPECT_NEAR(faces[0].keypoints[i].x, (kCenterX + (x - 0.5) * kWidth) * picture.width,
                kTolerancePx);
    EXPECT_NEAR(faces[0].keypoints[i].y, (kCenterY + (y - 0.5) * kHeight) * picture.height,
                kTolerancePx);
  }
}

/// Nine outputs; the face is at stride 16. Without a batch axis as insightface publishes its own.
void add_scrfd_heads(ConstantHeads& heads, const Box<TensorPx>& face, Size input, bool batch_axis) {
  constexpr std::array kNames = {"score_", "bbox_", "kps_"};
  constexpr std::array<std::int64_t, 3> kColumns = {1, 4, 10};
  for (std::size_t kind = 0; kind < kNames.size(); ++kind) {
    for (const int stride : {8, 16, 32}) {
      const int columns = input.width / stride;
      const std::int64_t rows = std::int64_t{2} * columns * (input.height / stride);
      std::vector<float> values(static_cast<std::size_t>(rows * kColumns.at(kind)), 0.0F);
      if (stride == 16) {
        const int column = static_cast<int>(face.center().x / 16);
        const int row = static_cast<int>(face.center().y / 16);
        const Point<TensorPx> anchor{f(column * 16), f(row * 16)};
        Rows numbers = {kScore};
        if (kind == 1) {
          numbers = {(anchor.x - face.x) / 16, (anchor.y - face.y) / 16,
                     (face.x + face.width - anchor.x) / 16, (face.y + face.height - anchor.y) / 16};
        }
        if (kind == 2) {
          numbers.clear();
          for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
            numbers.push_back((keypoint(face, i).x - anchor.x) / 16);
            numbers.push_back((keypoint(face, i).y - anchor.y) / 16);
          }
        }
        const auto at = static_cast<std::size_t>((row * columns + column) * 2) * numbers.size();
        std::ranges::copy(numbers, values.begin() + static_cast<std::ptrdiff_t>(at));
      }
      const std::string name = kNames.at(kind) + std::to_string(stride);
      if (batch_axis) {
        heads.output(name, {1, rows, kColumns.at(kind)}, values);
      } else {
        heads.output(name, {rows, kColumns.at(kind)}, values);
      }
    }
  }
}

TEST(FaceFamilies, ScrfdIsReadWithAndWithoutABatchAxis) {
  for (const Size input : kInputs) {
    for (const Size picture : kPictures) {
      for (const bool batch_axis : {true, false}) {
        ConstantHeads heads({1, 3, input.height, input.width});
        add_scrfd_heads(heads, in_tensor(picture, input), input, batch_axis);
        expect_the_face(faces_seen(heads.graph(), ModelFamily::scrfd, picture), picture);
      }
    }
  }
}

TEST(FaceFamilies, RetinafaceIsReadFromItsAnchors) {
  for (const Size input : kInputs) {
    for (const Size picture : kPictures) {
      const Box<TensorPx> face = in_tensor(picture, input);
      const int columns = input.width / 16;
      const int column = static_cast<int>(face.center().x / 16);
      const int row = static_cast<int>(face.center().y / 16);
      const Point<TensorPx> anchor{f((column + 0.5) * 16), f((row + 0.5) * 16)};
      constexpr float kSide = 64;
      const Point<TensorPx> shift = (face.center() - anchor) * (10 / kSide);
      const Rows box = {shift.x, shift.y, 5 * std::log(face.width / kSide),
                        5 * std::log(face.height / kSide)};
      Rows points;
      for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
        const Point<TensorPx> offset = (keypoint(face, i) - anchor) * (10 / kSide);
        points.insert(points.end(), {offset.x, offset.y});
      }
      const std::int64_t fine = std::int64_t{2} * (input.width / 8) * (input.height / 8);
      const std::int64_t anchors = fine + fine / 4 + fine / 16;
      const auto at = static_cast<std::size_t>(fine + std::int64_t{2} * (row * columns + column));
      const auto table = [&](const Rows& numbers) {
        std::vector<float> values(static_cast<std::size_t>(anchors) * numbers.size(), 0.0F);
        std::ranges::copy(numbers,
                          values.begin() + static_cast<std::ptrdiff_t>(at * numbers.size()));
        return values;
      };
      ConstantHeads heads({1, 3, input.height, input.width});
      heads.output("loc", {1, anchors, 4}, table(box));
      heads.output("conf", {1, anchors, 2}, table({1 - kScore, kScore}));
      heads.output("landms", {1, anchors, 10}, table(points));
      expect_the_face(faces_seen(heads.graph(), ModelFamily::retinaface, picture), picture);
    }
  }
}

}  // namespace
}  // namespace retinue
