#include "models/model_source.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/import.hpp"
#include "models/model_file.hpp"
#include "models/model_listing.hpp"
#include "models/model_signature.hpp"
#include "models/temporary_folder.hpp"
#include "models/tiny_graph.hpp"
#include "models/tiny_openvino.hpp"
#include "models/tiny_tflite.hpp"

namespace retinue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

constexpr std::int32_t kAdd = 0;
constexpr std::int32_t kGelu = 150;

/// y = x + constant, of the given operator.
std::vector<std::byte> tflite_of(std::int32_t code) {
  TinyTflite model;
  const std::int32_t x = model.value("x", {1, 2, 2, 3});
  const std::int32_t c = model.constant<float>("c", {3}, TinyType::float32, {1.0F, 2.0F, 3.0F});
  const std::int32_t y = model.value("y", {1, 2, 2, 3});
  return model.op(code, {x, c}, {y}, TinyTable().scalar(0, std::int8_t{1}), 2).bytes({x}, {y});
}

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

ModelSource openvino_source(const std::string& xml) {
  return {.format = ModelFormat::openvino,
          .bytes = bytes_of(xml),
          .weights = bytes_of(tiny_openvino_weights())};
}

ModelSource tflite_source(std::vector<std::byte> bytes) {
  return {.format = ModelFormat::tflite, .bytes = std::move(bytes), .weights = {}};
}

ModelSource bundle_source(std::vector<std::byte> bytes) {
  return {.format = ModelFormat::bundle, .bytes = std::move(bytes), .weights = {}};
}

class ModelSourceTest : public ::testing::Test {
 protected:
  fs::path write(const std::string& name, const std::vector<std::byte>& bytes) const {
    const fs::path path = folder_.path() / name;
    write_text(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return path;
  }

  TemporaryFolder folder_;
  ModelStore store_{ModelStoreSettings{.cache_folder = folder_.path() / "cache"}};
};

TEST_F(ModelSourceTest, IsToldFromItsContentWhateverItsName) {
  const auto format = [&](const std::vector<std::byte>& bytes) {
    write("any.bin", bytes_of(tiny_openvino_weights()));
    return read_model_source(write("any.model", bytes)).value().format;
  };
  TinyGraph onnx;
  onnx.input("x", {1}).output("y", {1}).node("Relu", {"x"}, "y");
  EXPECT_EQ(format(onnx.bytes()), ModelFormat::onnx);
  EXPECT_EQ(format(tflite_of(kAdd)), ModelFormat::tflite);
  EXPECT_EQ(format(tiny_zip({{"a.tflite", tflite_of(kAdd)}})), ModelFormat::bundle);
  EXPECT_EQ(format(tiny_zip({{"a.tflite", tflite_of(kAdd)}}, 2)), ModelFormat::bundle);
  EXPECT_EQ(format(bytes_of(tiny_openvino_xml())), ModelFormat::openvino);
}

TEST_F(ModelSourceTest, OfOpenvinoReadsTheWeightsBesideTheGraph) {
  const fs::path path = write("net.xml", bytes_of(tiny_openvino_xml()));
  write("net.bin", bytes_of(tiny_openvino_weights()));
  EXPECT_EQ(read_model_source(path).value().weights, bytes_of(tiny_openvino_weights()));
}

TEST_F(ModelSourceTest, OfOpenvinoWithoutWeightsIsNotFound) {
  const Result<ModelSource> source =
      read_model_source(write("alone.xml", bytes_of(tiny_openvino_xml())));
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code(), ErrorCode::not_found);
  EXPECT_THAT(source.error().message(), AllOf(HasSubstr("alone.bin"), HasSubstr("OpenVINO")));
}

TEST_F(ModelSourceTest, OfAnUnsupportedOperatorIsRefusedByFileOperatorAndVersion) {
  const fs::path path = write("gelu.tflite", tflite_of(kGelu));
  const Result<ModelFile> file = load_model(store_, path, ModelTask::faces);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(file.error().message(), AllOf(HasSubstr(path.string()), HasSubstr("number 150"),
                                            HasSubstr("version 2"), HasSubstr("not supported")));
}

TEST_F(ModelSourceTest, OfSlopesWithMoreAxesThanAPictureIsRefused) {
  constexpr std::int32_t kPrelu = 54;
  TinyTflite model;
  const std::int32_t x = model.value("x", {1, 2, 2, 2});
  const std::int32_t c =
      model.constant<float>("c", {1, 1, 1, 1, 2}, TinyType::float32, {0.5F, 2.0F});
  const std::int32_t y = model.value("y", {1, 2, 2, 2});
  const auto form = onnx_form(tflite_source(model.op(kPrelu, {x, c}, {y}).bytes({x}, {y})));
  ASSERT_FALSE(form);
  EXPECT_THAT(form.error().message(), HasSubstr("four axes"));
}

TEST_F(ModelSourceTest, OfASliceWhoseResultHasAnotherRankIsRefused) {
  constexpr std::int32_t kStridedSlice = 45;
  constexpr std::int32_t kTranspose = 39;
  TinyTflite model;
  const std::int32_t x = model.value("x", {1, 4, 4, 2});
  const auto places = [&model](const std::string& name, const std::vector<std::int32_t>& numbers) {
    return model.constant(name, {static_cast<std::int32_t>(numbers.size())}, TinyType::int32,
                          numbers);
  };
  const std::int32_t begin = places("begin", {0, 0, 0, 0});
  const std::int32_t end = places("end", {1, 4, 4, 2});
  const std::int32_t step = places("step", {1, 1, 1, 1});
  const std::int32_t order = places("order", {0, 1, 2, 3, 4});
  const std::int32_t cut = model.value("cut", {1, 1, 4, 4, 2});
  const std::int32_t y = model.value("y", {1, 1, 4, 4, 2});
  model.op(kStridedSlice, {x, begin, end, step}, {cut}).op(kTranspose, {cut, order}, {y});
  const auto form = onnx_form(tflite_source(model.bytes({x}, {y})));
  ASSERT_FALSE(form);
  EXPECT_THAT(form.error().message(), HasSubstr("its ranks differ"));
}

TEST_F(ModelSourceTest, OfABundleIsDescribedModelByModel) {
  const fs::path path =
      write("two.task",
            tiny_zip({{"a.tflite", tflite_of(kAdd), true}, {"b.tflite", tflite_of(kGelu)}}, 2));
  const Result<ModelDescription> file = describe_model(Catalogue::builtin(), store_, path.string());
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->format, ModelFormat::bundle);
  ASSERT_EQ(file->members.size(), 2U);
  ASSERT_TRUE(file->members[0]) << file->members[0].error().message();
  EXPECT_EQ(file->members[0]->member, "a.tflite");
  EXPECT_EQ(file->members[0]->signature.description(),
            "x float32 [1, 3, 2, 2] -> y float32 [1, 2, 2, 3]");
  ASSERT_FALSE(file->members[1]);
  EXPECT_THAT(file->members[1].error().message(), HasSubstr("b.tflite"));
}

TEST(OnnxForm, OfAnOnnxFileIsTheFile) {
  const ModelSource source{.format = ModelFormat::onnx, .bytes = bytes_of("any"), .weights = {}};
  EXPECT_EQ(onnx_form(source).value(), source.bytes);
}

TEST(OnnxForm, OfTfliteWritesTheFusedActivation) {
  const onnx::ModelProto model = parse_model(onnx_form(tflite_source(tflite_of(kAdd))).value());
  EXPECT_EQ(count_nodes(model, "Add"), 1);
  EXPECT_EQ(count_nodes(model, "Relu"), 1);
}

TEST(OnnxForm, OfABundleIsThatOfItsMember) {
  const std::vector<TinyMember> members{{"other", bytes_of("text")}, {"a.tflite", tflite_of(kAdd)}};
  const auto alone = onnx_form(tflite_source(tflite_of(kAdd))).value();
  EXPECT_EQ(onnx_form(bundle_source(tiny_zip(members, 2)), "a.tflite").value(), alone);
  EXPECT_EQ(onnx_form(bundle_source(tiny_zip(members, 0)), "a.tflite").value(), alone);
}

TEST(OnnxForm, OfADeflatedMemberIsTheSame) {
  const auto packed = tiny_zip({{"a.tflite", tflite_of(kAdd), true}});
  EXPECT_EQ(onnx_form(bundle_source(packed), "a.tflite").value(),
            onnx_form(tflite_source(tflite_of(kAdd))).value());
}

TEST(OnnxForm, OfABundleWithoutTheMemberSaysWhatItHas) {
  const auto form = onnx_form(bundle_source(tiny_zip({{"a.tflite", tflite_of(kAdd)}})), "b.tflite");
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(form.error().message(), AllOf(HasSubstr("b.tflite"), HasSubstr("'a.tflite'")));
}

TEST(OnnxForm, OfADamagedMemberIsRefused) {
  std::vector<std::byte> zip = tiny_zip({{"a.tflite", tflite_of(kAdd)}});
  zip[60] ^= std::byte{1};
  const auto form = onnx_form(bundle_source(zip), "a.tflite");
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(form.error().message(), HasSubstr("checksum"));
}

TEST(OnnxForm, OfOpenvinoNamesOutputsAfterTheLayersThatMakeThem) {
  const ModelSignature signature =
      read_signature(onnx_form(openvino_source(tiny_openvino_xml())).value()).value();
  EXPECT_EQ(signature.description(), "x float32 [1, 2, 2, 3] -> y float32 [1, 2, 2, 3]");
}

TEST(OnnxForm, OfAnUnsupportedOpenvinoOperatorNamesIt) {
  const auto form = onnx_form(openvino_source(tiny_openvino_xml("Erf")));
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(form.error().message(),
              AllOf(HasSubstr("Erf"), HasSubstr("opset1"), HasSubstr("'y'")));
}

TEST(OnnxForm, OfAnotherOpenvinoVersionIsRefused) {
  const auto form = onnx_form(openvino_source(tiny_openvino_xml("ReLU", "6")));
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(form.error().message(), HasSubstr("'6'"));
}

TEST(OnnxForm, OfOpenvinoWithShortWeightsIsRefused) {
  ModelSource source = openvino_source(tiny_openvino_xml());
  source.weights.resize(15);
  const auto form = onnx_form(source);
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(form.error().message(), AllOf(HasSubstr("'b'"), HasSubstr("15 bytes")));
}

/// What comes out of damaged bytes is an error, or a model that the import takes.
void expect_error_or_model(const ModelSource& source, const std::string& what) {
  const auto form = onnx_form(source, "a.tflite");
  if (!form) return;
  EXPECT_TRUE(import_model(*form)) << what;
}

void expect_to_survive_damage(const ModelSource& whole) {
  ASSERT_TRUE(onnx_form(whole, "a.tflite")) << onnx_form(whole, "a.tflite").error().message();
  for (std::size_t size = 0; size < whole.bytes.size(); ++size) {
    ModelSource cut = whole;
    cut.bytes.resize(size);
    expect_error_or_model(cut, "cut to " + std::to_string(size));
  }
  for (std::size_t bit = 0; bit < whole.bytes.size() * 8; ++bit) {
    ModelSource flipped = whole;
    flipped.bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    expect_error_or_model(flipped, "bit " + std::to_string(bit));
  }
}

TEST(OnnxForm, OfTfliteSurvivesEveryCutAndEveryFlippedBit) {
  expect_to_survive_damage(tflite_source(tflite_of(kAdd)));
}

TEST(OnnxForm, OfABundleSurvivesEveryCutAndEveryFlippedBit) {
  expect_to_survive_damage(bundle_source(tiny_zip({{"a.tflite", tflite_of(kAdd), true}}, 2)));
}

TEST(OnnxForm, OfOpenvinoSurvivesEveryCutAndEveryFlippedBit) {
  expect_to_survive_damage(openvino_source(tiny_openvino_xml()));
}

TEST(ImportKey, IsTheHashOfAFileThatIsAlone) {
  const Sha256 file = sha256_of(bytes_of("file"));
  EXPECT_EQ(import_key(file, std::nullopt, ""), file);
}

TEST(ImportKey, DiffersByWeightsAndMember) {
  const Sha256 file = sha256_of(bytes_of("file"));
  const Sha256 weights = sha256_of(bytes_of("weights"));
  EXPECT_NE(import_key(file, weights, ""), file);
  EXPECT_NE(import_key(file, std::nullopt, "a"), import_key(file, std::nullopt, "b"));
}

TEST(ImportModel, GivesTheTfliteMeshTheKernelsOfTheOnnxMesh) {
  const char* mirror = std::getenv("RETINUE_MIRROR");  // NOLINT(concurrency-mt-unsafe)
  if (mirror == nullptr || !fs::is_directory(mirror)) {
    GTEST_SKIP() << "RETINUE_MIRROR names no folder: there are no model files to import";
  }
  const auto imported = [&](const char* name) {
    const fs::path path = fs::path(mirror) / "models/face_landmarks" / name;
    const ModelSource source = read_model_source(path).value();
    return parse_model(import_model(onnx_form(source).value()).value().graph);
  };
  const onnx::ModelProto from_onnx = imported("mediapipe_face_landmarks_detector_478.onnx");
  const onnx::ModelProto from_tflite = imported("mediapipe_face_landmarks_detector_478.tflite");
  EXPECT_GT(count_nodes(from_onnx, "SeparableBlock"), 0);
  EXPECT_EQ(count_nodes(from_tflite, "SeparableBlock"), count_nodes(from_onnx, "SeparableBlock"));
  EXPECT_EQ(count_nodes(from_tflite, "StemConvolution"), 1);
  EXPECT_EQ(count_nodes(from_tflite, "PRelu"), 0);
}

}  // namespace
}  // namespace retinue
