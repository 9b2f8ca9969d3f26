// Models of other formats compute what their ONNX counterparts do.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <ostream>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "infer/session.hpp"
#include "models/import.hpp"
#include "models/model_file.hpp"
#include "models/model_source.hpp"
#include "models/tiny_graph.hpp"
#include "models/tiny_openvino.hpp"
#include "models/tiny_tflite.hpp"

namespace retinue {
namespace {

namespace fs = std::filesystem;

using Values = std::vector<std::vector<float>>;

/// Runs a model of fixed shapes or an open batch axis; inputs in the order of their names.
Values run(std::span<const std::byte> graph, const std::vector<std::vector<float>>& inputs) {
  Result<std::unique_ptr<Session>> session = Session::create("model", graph);
  if (!session) {
    ADD_FAILURE() << session.error().message();
    return {};
  }
  std::vector<Tensor> tensors;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Shape shape = (*session)->inputs()[i].shape;
    if (shape[0] == -1) shape[0] = 1;
    shapes.push_back(shape);
    std::ranges::copy(inputs[i],
                      tensors.emplace_back(ElementType::float32, shape).floats().begin());
  }
  const Result<std::vector<Shape>> made = (*session)->output_shapes(shapes);
  if (!made) {
    ADD_FAILURE() << made.error().message();
    return {};
  }
  std::vector<TensorView> ins;
  for (const Tensor& tensor : tensors)
    ins.push_back(tensor.view());
  std::vector<Tensor> results;
  std::vector<TensorView> outs;
  for (const Shape& shape : *made)
    outs.push_back(results.emplace_back(ElementType::float32, shape).view());
  Stream stream;
  const Result<void> ran = (*session)->run(ins, outs, stream);
  EXPECT_TRUE(ran) << ran.error().message();
  Values values;
  for (const TensorView& view : outs)
    values.emplace_back(view.floats().begin(), view.floats().end());
  return values;
}

/// A file of the mirror beside the ONNX file that computes the same.
struct Counterpart {
  std::string name;
  std::string file;
  std::string member;  ///< Of a bundle.
  std::string onnx;
  float low;
  float high;
  std::vector<std::size_t> outputs;  ///< Of `file`, in the order of `onnx`.
  bool half_weights = false;         ///< `onnx` keeps its weights in float16 only.
};

/// To the nearest IEEE 754 binary16, ties to even; of numbers that it has.
float rounded_to_half(float value) {
  if (std::abs(value) < 0x1p-14F) return std::nearbyint(value * 0x1p24F) * 0x1p-24F;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return std::bit_cast<float>((bits + 0xfffU + ((bits >> 13) & 1U)) & ~0x1fffU);
}

/// The model with weights that float16 can say.
std::vector<std::byte> with_half_weights(std::span<const std::byte> form) {
  onnx::ModelProto model = parse_model(form);
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    std::string raw = tensor.raw_data();
    constexpr std::size_t kFew = 64;
    if (tensor.data_type() != onnx::TensorProto::FLOAT || raw.size() < kFew * sizeof(float)) {
      continue;
    }
    for (std::size_t at = 0; at < raw.size(); at += sizeof(float)) {
      float value = 0.0F;
      std::memcpy(&value, raw.data() + at, sizeof(float));
      value = rounded_to_half(value);
      std::memcpy(raw.data() + at, &value, sizeof(float));
    }
    tensor.set_raw_data(std::move(raw));
  }
  const std::string text = model.SerializeAsString();
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void PrintTo(const Counterpart& counterpart, std::ostream* stream) {
  *stream << counterpart.name;
}

/// Float32 in another order of sums, through up to 70 convolutions.
void expect_close(const std::vector<float>& values, const std::vector<float>& expected,
                  const std::string& what) {
  ASSERT_EQ(values.size(), expected.size()) << what;
  float largest = 0.0F;
  float difference = 0.0F;
  for (std::size_t k = 0; k < values.size(); ++k) {
    largest = std::max(largest, std::abs(expected[k]));
    difference = std::max(difference, std::abs(values[k] - expected[k]));
  }
  testing::Test::RecordProperty(what,
                                std::to_string(difference) + " of " + std::to_string(largest));
  EXPECT_LE(difference, 1e-4F * std::max(largest, 1.0F)) << what;
}

class ModelFormats : public testing::TestWithParam<Counterpart> {
 protected:
  void SetUp() override {
    const char* mirror = std::getenv("RETINUE_MIRROR");  // NOLINT(concurrency-mt-unsafe)
    if (mirror == nullptr || !fs::is_directory(mirror)) {
      GTEST_SKIP() << "RETINUE_MIRROR names no folder: there are no model files to compare";
    }
    models_ = fs::path(mirror) / "models";
  }

  /// Noise, and a picture of smooth waves that differ by plane, within the model's range.
  static std::vector<float> input_of(const TensorDescription& input, bool noise, float low,
                                     float high) {
    std::int64_t count = 1;
    for (std::size_t axis = 1; axis < input.shape.rank(); ++axis)
      count *= input.shape[axis];
    std::minstd_rand random(5);
    std::uniform_real_distribution<float> uniform(low, high);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float wave = 0.5F + 0.5F * std::sin(static_cast<float>(i) * 0.013F) *
                                    std::cos(static_cast<float>(i) * 0.00021F);
      values[i] = noise ? uniform(random) : low + (high - low) * wave;
    }
    return values;
  }

  fs::path models_;
};

TEST_P(ModelFormats, ComputeWhatTheirOnnxCounterpartsDo) {
  const Counterpart& pair = GetParam();
  const Result<ModelSource> source = read_model_source(models_ / pair.file);
  ASSERT_TRUE(source) << source.error().message();
  const auto form = onnx_form(*source, pair.member);
  ASSERT_TRUE(form) << form.error().message();
  const std::vector<std::byte> imported =
      import_model(pair.half_weights ? with_half_weights(*form) : *form).value().graph;
  const std::vector<std::byte> onnx = read_model_source(models_ / pair.onnx).value().bytes;
  const std::unique_ptr<Session> session = Session::create("inputs", onnx).value();
  for (const bool noise : {true, false}) {
    std::vector<std::vector<float>> inputs;
    for (const TensorDescription& input : session->inputs())
      inputs.push_back(input_of(input, noise, pair.low, pair.high));
    const Values expected = run(onnx, inputs);
    const Values actual = run(imported, inputs);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_LT(pair.outputs[i], actual.size());
      expect_close(actual[pair.outputs[i]], expected[i],
                   (noise ? "noise_" : "waves_") + std::to_string(i));
    }
  }
}

const std::vector<Counterpart> counterparts{
    {"FaceMesh",
     "face_landmarks/mediapipe_face_landmarks_detector_478.tflite",
     "",
     "face_landmarks/derived/mediapipe_face_landmarks_detector_478_fp32io.onnx",
     0.0F,
     1.0F,
     {0, 1, 2}},
    {"FaceMeshOfABundle",
     "face_landmarks/face_landmarker_v2_with_blendshapes.task",
     "face_landmarks_detector.tflite",
     "face_landmarks/derived/mediapipe_face_landmarks_detector_478_fp32io.onnx",
     0.0F,
     1.0F,
     {0, 1, 2}},
    {"BlendshapesOfABundle",
     "face_landmarks/face_landmarker_v2_with_blendshapes.task",
     "face_blendshapes.tflite",
     "blendshapes/mediapipe_face_blendshapes.onnx",
     0.0F,
     256.0F,
     {0}},
    {"FaceDetection",
     "face_detection/face_detection_short_range.tflite",
     "",
     "face_detection/mediapipe_face_detection_short_range.onnx",
     -1.0F,
     1.0F,
     {0, 1}},
    {"SparsePoseDetection",
     "body_pose/pose_detection.tflite",
     "",
     "body_pose/derived/blazepose_detection_224.onnx",
     -1.0F,
     1.0F,
     {0, 1}},
    {"PoseLandmarks",
     "body_pose/pose_landmark_lite.tflite",
     "",
     "body_pose/derived/blazepose_landmark_lite_256.onnx",
     0.0F,
     1.0F,
     {0, 1, 4}},
    {"QuantisedMoveNet",
     "body_pose/movenet_singlepose_lightning_int8_4.tflite",
     "",
     "body_pose/derived/movenet_singlepose_lightning_192.onnx",
     0.0F,
     255.0F,
     {0},
     true},
    {"OpenvinoGaze",
     "gaze/gaze-estimation-adas-0002_fp16.xml",
     "",
     "gaze/derived/gaze-estimation-adas-0002.onnx",
     0.0F,
     255.0F,
     {0}},
    {"OpenvinoHeadPose",
     "head_pose/head-pose-estimation-adas-0001_fp16.xml",
     "",
     "head_pose/derived/head-pose-estimation-adas-0001.onnx",
     0.0F,
     255.0F,
     {0, 1, 2}},
};
INSTANTIATE_TEST_SUITE_P(OfTheMirror, ModelFormats, testing::ValuesIn(counterparts),
                         [](const auto& test) { return test.param.name; });

/// The graph that the program runs for a file of the mirror, without what nothing reads.
class LoadedFormats : public ModelFormats {};

TEST_P(LoadedFormats, ComputeTheSameWithoutTheOutputsThatNothingReads) {
  const Counterpart& pair = GetParam();
  const ModelStore store{ModelStoreSettings{}};
  const Result<ModelFile> file = load_model(store, models_ / pair.file, ModelTask::pose);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_EQ(file->signature.outputs.size(), pair.outputs.size());
  const std::vector<std::byte> onnx = read_model_source(models_ / pair.onnx).value().bytes;
  const std::size_t nodes = static_cast<std::size_t>(parse_model(onnx).graph().node_size());
  // The derived file has no such heads; its PRelu and paddings are written otherwise.
  EXPECT_LE(static_cast<std::size_t>(parse_model(file->graph).graph().node_size()), nodes);
  const std::unique_ptr<Session> session = Session::create("inputs", onnx).value();
  const std::vector<std::vector<float>> inputs{
      input_of(session->inputs()[0], true, pair.low, pair.high)};
  const Values expected = run(onnx, inputs);
  const Values actual = run(file->graph, inputs);
  for (std::size_t i = 0; i < expected.size(); ++i)
    expect_close(actual.at(pair.outputs[i]), expected[i], "output " + std::to_string(i));
}

const std::vector<Counterpart> loaded{
    {"PoseLandmarks",
     "body_pose/pose_landmark_lite.tflite",
     "",
     "body_pose/derived/blazepose_landmark_lite_256.onnx",
     0.0F,
     1.0F,
     {0, 1, 2}},
};
INSTANTIATE_TEST_SUITE_P(OfTheMirror, LoadedFormats, testing::ValuesIn(loaded),
                         [](const auto& test) { return test.param.name; });

std::vector<float> run_tflite(const std::vector<std::byte>& bytes, const std::vector<float>& x) {
  const ModelSource source{.format = ModelFormat::tflite, .bytes = bytes, .weights = {}};
  const auto form = onnx_form(source);
  if (!form) {
    ADD_FAILURE() << form.error().message();
    return {};
  }
  const Values values = run(import_model(*form).value().graph, {x});
  return values.empty() ? std::vector<float>() : values.front();
}

TEST(Tflite, DequantisesWeightsByChannel) {
  TinyTflite model;
  const std::int32_t x = model.value("x", {1, 1, 2, 2});
  const std::int32_t c = model.constant<std::int8_t>("c", {2}, TinyType::int8, {10, -3});
  model.last_tensor().table(4, TinyTable()
                                   .vector<float>(2, {0.5F, 2.0F})
                                   .vector<std::int64_t>(3, {4, -1})
                                   .scalar(6, std::int32_t{0}));
  const std::int32_t y = model.value("y", {1, 1, 2, 2});
  model.op(0, {x, c}, {y});
  // x is [1, C = 2, 1, W = 2] in the graph; the result keeps the file's order, channels last.
  EXPECT_EQ(run_tflite(model.bytes({x}, {y}), {1, 2, 30, 40}),
            (std::vector<float>{1 + 3, 30 - 4, 2 + 3, 40 - 4}));
}

TEST(Tflite, PutsTheZerosOfSparseWeightsBack) {
  TinyTflite model;
  const std::int32_t x = model.value("x", {2, 4});
  const std::int32_t c =
      model.constant<float>("c", {2, 4}, TinyType::float32, {1.0F, 2.0F, 3.0F, 4.0F});
  // Two rows; in each, one block of two columns: the second, then the first.
  TinyTable rows = TinyTable().scalar(0, std::int8_t{0}).scalar(1, std::int32_t{2});
  TinyTable blocks = TinyTable()
                         .scalar(0, std::int8_t{1})
                         .scalar(2, std::uint8_t{1})
                         .table(3, TinyTable().vector<std::int32_t>(0, {0, 1, 2}))
                         .scalar(4, std::uint8_t{3})
                         .table(5, TinyTable().vector<std::uint8_t>(0, {1, 0}));
  TinyTable inside = TinyTable().scalar(0, std::int8_t{0}).scalar(1, std::int32_t{2});
  model.last_tensor().table(6, TinyTable()
                                   .vector<std::int32_t>(0, {0, 1, 2})
                                   .vector<std::int32_t>(1, {1})
                                   .tables(2, {rows, blocks, inside}));
  const std::int32_t y = model.value("y", {2, 4});
  constexpr std::int32_t kDensify = 124;
  const std::int32_t dense = model.value("dense", {2, 4});
  model.op(kDensify, {c}, {dense}).op(0, {x, dense}, {y});
  const ModelSource source{
      .format = ModelFormat::tflite, .bytes = model.bytes({x}, {y}), .weights = {}};
  const auto form = onnx_form(source);
  ASSERT_TRUE(form) << form.error().message();
  EXPECT_EQ(run(*form, {std::vector<float>(8, 10.0F)}).front(),
            (std::vector<float>{10, 10, 11, 12, 13, 14, 10, 10}));
}

TEST(Openvino, ConvolvesWithHalfPrecisionWeights) {
  const std::string xml = tiny_openvino_xml();
  const std::string weights = tiny_openvino_weights();
  const auto bytes_of = [](const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  };
  const ModelSource source{
      .format = ModelFormat::openvino, .bytes = bytes_of(xml), .weights = bytes_of(weights)};
  const auto form = onnx_form(source);
  ASSERT_TRUE(form) << form.error().message();
  std::vector<float> x;
  for (int i = 0; i < 12; ++i)
    x.push_back(static_cast<float>(i));
  std::vector<float> expected;
  for (std::size_t i = 0; i < 6; ++i)
    expected.push_back(std::max(x[i] - x[i + 6] + 0.25F, 0.0F));
  for (std::size_t i = 0; i < 6; ++i)
    expected.push_back(std::max(0.5F * x[i] + 2.0F * x[i + 6] - 4.0F, 0.0F));
  EXPECT_EQ(run(*form, {x}).front(), expected);
}

}  // namespace
}  // namespace retinue
