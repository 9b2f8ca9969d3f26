#include "models/import.hpp"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/catalogue.hpp"
#include "models/model_signature.hpp"
#include "models/model_source.hpp"
#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

using ::testing::HasSubstr;

/// Slopes as the 478-point mesh has them: negative, between 0 and 1, above 1.
const std::vector<float> slopes{-5.4F, 0.25F, 1.0F, 19.8F};

TinyTensor random_picture(std::int64_t channels) {
  std::minstd_rand random(7);
  std::uniform_real_distribution<float> uniform(-2.0F, 2.0F);
  TinyTensor picture{{1, channels, 5, 6}, {}};
  for (std::int64_t i = 0; i < channels * 30; ++i)
    picture.elements.push_back(uniform(random));
  return picture;
}

std::vector<float> random_weights(std::size_t count) {
  std::minstd_rand random(11);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  std::vector<float> weights(count);
  for (float& weight : weights)
    weight = uniform(random);
  return weights;
}

/// Imports a model and expects its values to stay; returns what it became.
onnx::ModelProto expect_same_values(const TinyGraph& graph, std::int64_t channels) {
  const std::vector<std::byte> bytes = graph.bytes();
  const Result<ImportedModel> imported = import_model(bytes);
  if (!imported) {
    ADD_FAILURE() << imported.error().message();
    return {};
  }
  onnx::ModelProto model = parse_model(imported->graph);
  const TinyTensor picture = random_picture(channels);
  const TinyTensor before = evaluate(parse_model(bytes), picture);
  const TinyTensor after = evaluate(model, picture);
  EXPECT_EQ(after.shape, before.shape);
  for (std::size_t i = 0; i < before.elements.size(); ++i) {
    // A few roundings of values that slopes up to 20 have stretched.
    EXPECT_NEAR(after.elements.at(i), before.elements[i], 1e-4F) << "at " << i;
  }
  return model;
}

TinyGraph prelu_graph(std::initializer_list<std::int64_t> slope_shape,
                      const std::vector<float>& values) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 4, 5, 6}).constant("slope", slope_shape, values);
  graph.node("PRelu", {"x", "slope"}, "y");
  return graph;
}

TEST(ImportModel, RewritesPReluWithASlopeForEachChannel) {
  const onnx::ModelProto model = expect_same_values(prelu_graph({4, 1, 1}, slopes), 4);
  EXPECT_EQ(count_nodes(model, "PRelu"), 0);
  EXPECT_EQ(count_nodes(model, "Conv"), 3);  // one turns the slope of 19.8 back
}

TEST(ImportModel, NeedsNoThirdConvolutionForPReluWithoutSlopesAboveOne) {
  const onnx::ModelProto model =
      expect_same_values(prelu_graph({4, 1, 1}, {-5.4F, 0.0F, 0.9F, 1.0F}), 4);
  EXPECT_EQ(count_nodes(model, "Conv"), 2);
}

TEST(ImportModel, RewritesPReluWhoseSlopesHaveABatchAxis) {
  const onnx::ModelProto model = expect_same_values(prelu_graph({1, 4, 1, 1}, slopes), 4);
  EXPECT_EQ(count_nodes(model, "PRelu"), 0);
}

TEST(ImportModel, RewritesPReluWithOneSlopeAsLeakyRelu) {
  const onnx::ModelProto model = expect_same_values(prelu_graph({1}, {-0.3F}), 4);
  EXPECT_EQ(count_nodes(model, "LeakyRelu"), 1);
  EXPECT_EQ(model.graph().node_size(), 1);
}

TEST(ImportModel, KeepsTheDigitsOfPReluWithAHugeSlope) {
  const onnx::ModelProto model =
      expect_same_values(prelu_graph({4, 1, 1}, {1e6F, 0.5F, 0.5F, 0.5F}), 4);
  EXPECT_EQ(count_nodes(model, "Conv"), 0);
  EXPECT_EQ(count_nodes(model, "Min"), 1);
}

TEST(ImportModel, LeavesPReluWithAnInfiniteSlope) {
  const Result<ImportedModel> imported =
      import_model(prelu_graph({4, 1, 1}, {INFINITY, 0.5F, 0.5F, 0.5F}).bytes());
  ASSERT_TRUE(imported) << imported.error().message();
  EXPECT_EQ(count_nodes(parse_model(imported->graph), "PRelu"), 1);
}

TEST(ImportModel, FoldsPReluIntoTheDepthwiseConvolutionThatReadsIt) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 4, 5, 6});
  graph.constant("slope", {4, 1, 1}, slopes).constant("bias", {4}, {0.1F, -0.2F, 0.3F, 0.4F});
  graph.constant("weights", {4, 1, 3, 3}, random_weights(36));
  graph.node("PRelu", {"x", "slope"}, "p").node("Conv", {"p", "weights", "bias"}, "y");
  graph.attribute("group", 4).attribute("pads", {1, 1, 1, 1}).attribute("kernel_shape", {3, 3});
  const onnx::ModelProto model = expect_same_values(graph, 4);
  EXPECT_EQ(count_nodes(model, "PRelu"), 0);
  EXPECT_EQ(count_nodes(model, "Conv"), 2);  // and no 1x1 convolution besides
}

/// PRelu, a convolution around which its result goes, their sum, PRelu, a last convolution.
TinyGraph residual_graph() {
  const std::vector<float> other_slopes{2.0F, 3.0F, 0.5F, -1.0F};
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 6, 5, 6}).constant("slope", {4, 1, 1}, slopes);
  graph.constant("other", {1, 4, 1, 1}, other_slopes);
  graph.constant("weights", {4, 4, 1, 1}, random_weights(16));
  graph.constant("bias", {4}, {0.1F, -0.2F, 0.3F, 0.4F});
  graph.constant("grouped", {6, 2, 1, 1}, random_weights(12));
  graph.node("PRelu", {"x", "slope"}, "p").node("Conv", {"p", "weights", "bias"}, "c");
  graph.node("Add", {"p", "c"}, "sum").node("PRelu", {"sum", "other"}, "q");
  graph.node("Conv", {"q", "grouped"}, "y").attribute("group", 2);
  return graph;
}

TEST(ImportModel, TakesTheSignsOfPReluIntoTheConvolutionsAroundIt) {
  const onnx::ModelProto model = expect_same_values(residual_graph(), 4);
  EXPECT_EQ(count_nodes(model, "PRelu"), 0);
  EXPECT_EQ(count_nodes(model, "Conv"), 6);  // two for each PRelu, and none to turn signs back
}

TEST(ImportModel, TurnsSignsBackWhereSomethingElseReadsThem) {
  TinyGraph graph = residual_graph();
  graph.node("Relu", {"q"}, "also_read");
  const onnx::ModelProto model = expect_same_values(graph, 4);
  EXPECT_EQ(count_nodes(model, "Conv"), 7);
}

TEST(ImportModel, TurnsSignsBackBeforeASumThatIsAnOutput) {
  TinyGraph graph = residual_graph();
  graph.output("sum", {1, 4, 5, 6});
  graph.model().mutable_graph()->mutable_output()->SwapElements(0, 1);
  const onnx::ModelProto model = expect_same_values(graph, 4);  // compares the sum
  EXPECT_EQ(count_nodes(model, "Conv"), 7);
}

/// y from x through one convolution, z through another.
TinyGraph two_heads() {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 4, 5, 6}).output("z", {1, 4, 5, 6});
  graph.constant("to_y", {4, 4, 1, 1}, random_weights(16));
  graph.constant("to_z", {4, 4, 1, 1}, random_weights(16));
  graph.node("Relu", {"x"}, "r").node("Conv", {"r", "to_y"}, "y");
  graph.node("Conv", {"r", "to_z"}, "c").node("Relu", {"c"}, "z");
  return graph;
}

TEST(ImportModel, LeavesOutTheOutputsThatAreNotAskedForWithWhatTheyAloneNeed) {
  const std::vector<std::byte> bytes = two_heads().bytes();
  const Result<ImportedModel> imported = import_model(bytes, std::vector<std::string>{"y"});
  ASSERT_TRUE(imported) << imported.error().message();
  const onnx::ModelProto model = parse_model(imported->graph);
  ASSERT_EQ(model.graph().output_size(), 1);
  EXPECT_EQ(model.graph().output(0).name(), "y");
  EXPECT_EQ(count_nodes(model, "Conv"), 1);
  ASSERT_EQ(model.graph().initializer_size(), 1);
  EXPECT_EQ(model.graph().initializer(0).name(), "to_y");
  EXPECT_THAT(imported->changes, ::testing::Contains("1 outputs left out that nothing reads"));
  const TinyTensor picture = random_picture(4);
  EXPECT_EQ(evaluate(model, picture).elements, evaluate(parse_model(bytes), picture).elements);
}

TEST(ImportModel, KeepsEveryOutputThatIsAskedForInTheModelsOrder) {
  const std::vector<std::byte> bytes = two_heads().bytes();
  EXPECT_EQ(import_model(bytes, std::vector<std::string>{"z", "y"})->graph,
            import_model(bytes)->graph);
}

TEST(ImportModel, RefusesToKeepAnOutputThatIsNotThere) {
  const Result<ImportedModel> imported =
      import_model(two_heads().bytes(), std::vector<std::string>{"y", "w"});
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(imported.error().message(), HasSubstr("'w'"));
}

// Found by fuzzing.
TEST(ImportModel, SurvivesOperatorsWithoutInputs) {
  for (const std::string op : {"PRelu", "Pad", "Conv", "Add", "Reshape", "Concat", "Squeeze"}) {
    TinyGraph graph;
    graph.input("x", {1, 4}).output("y", {1, 4}).node(op, {}, "made").node("Relu", {"x"}, "y");
    const Result<ImportedModel> imported = import_model(graph.bytes());
    EXPECT_TRUE(imported) << op << ": " << imported.error().message();
  }
}

TEST(ImportModel, KeepsPReluThatIsReadTwice) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 4, 5, 6}).constant("slope", {4, 1, 1}, slopes);
  graph.constant("weights", {4, 1, 1, 1}, random_weights(4));
  graph.node("PRelu", {"x", "slope"}, "p").node("Conv", {"p", "weights"}, "c");
  graph.attribute("group", 4).node("Add", {"c", "p"}, "y");
  expect_same_values(graph, 4);
}

TEST(ImportModel, RewritesAppendedZeroChannels) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 7, 5, 6});
  graph.integers("pads", {0, 0, 0, 0, 0, 3, 0, 0}).node("Pad", {"x", "pads"}, "y");
  const onnx::ModelProto model = expect_same_values(graph, 4);
  EXPECT_EQ(count_nodes(model, "Pad"), 0);
}

TEST(ImportModel, LeavesPaddingOfRowsAndColumns) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 4, 6, 6});
  graph.integers("pads", {0, 0, 1, 0, 0, 0, 0, 0}).node("Pad", {"x", "pads"}, "y");
  const Result<ImportedModel> imported = import_model(graph.bytes());
  ASSERT_TRUE(imported) << imported.error().message();
  EXPECT_EQ(count_nodes(parse_model(imported->graph), "Pad"), 1);
}

TEST(ImportModel, WidensFloat16WithoutChangingAValue) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}, onnx::TensorProto::FLOAT16);
  graph.output("y", {1, 4, 5, 6}, onnx::TensorProto::FLOAT16);
  onnx::TensorProto* constant = graph.model().mutable_graph()->add_initializer();
  constant->set_name("halves");
  constant->set_data_type(onnx::TensorProto::FLOAT16);
  // 1, -2, the largest, the smallest subnormal.
  for (const int half : {0x3c00, 0xc000, 0x7bff, 0x0001})
    constant->add_int32_data(half);
  constant->add_dims(4);
  graph.node("Mul", {"x", "halves"}, "y");
  const Result<ImportedModel> imported = import_model(graph.bytes());
  ASSERT_TRUE(imported) << imported.error().message();
  const onnx::ModelProto model = parse_model(imported->graph);
  EXPECT_EQ(model.graph().input(0).type().tensor_type().elem_type(), onnx::TensorProto::FLOAT);
  EXPECT_EQ(model.graph().output(0).type().tensor_type().elem_type(), onnx::TensorProto::FLOAT);
  std::vector<float> elements(4);
  ASSERT_EQ(model.graph().initializer(0).raw_data().size(), 16U);
  std::memcpy(elements.data(), model.graph().initializer(0).raw_data().data(), 16);
  EXPECT_THAT(elements, ::testing::ElementsAre(1.0F, -2.0F, 65504.0F, 0x1p-24F));
}

/// The signature after import, or the error.
std::string imported_signature(const TinyGraph& graph) {
  const Result<ImportedModel> imported = import_model(graph.bytes());
  if (!imported) return imported.error().message();
  return read_signature(imported->graph)->description();
}

TEST(ImportModel, OpensTheBatchAxisThroughAReshape) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 120}).integers("shape", {1, 120});
  graph.node("Relu", {"x"}, "r").node("Reshape", {"r", "shape"}, "y");
  EXPECT_EQ(imported_signature(graph), "x float32 [batch, 4, 5, 6] -> y float32 [batch, 120]");
}

TEST(ImportModel, OpensTheBatchAxisThroughAFlattenedPool) {
  TinyGraph graph;
  graph.input("x", {1, 7, 5, 6}).output("y", {1, 7}).node("GlobalAveragePool", {"x"}, "p");
  graph.node("Flatten", {"p"}, "f").node("Softmax", {"f"}, "y").attribute("axis", 1);
  EXPECT_EQ(imported_signature(graph), "x float32 [batch, 7, 5, 6] -> y float32 [batch, 7]");
}

TEST(ImportModel, OpensTheBatchAxisThatALastSqueezeDrops) {
  TinyGraph graph;
  graph.input("x", {1, 52}).output("y", {52}).integers("axes", {0});
  graph.node("Sigmoid", {"x"}, "s").node("Squeeze", {"s", "axes"}, "y");
  EXPECT_EQ(imported_signature(graph), "x float32 [batch, 52] -> y float32 [batch, 52]");
}

/// To twice the rows and three times the columns, or to another size.
TinyGraph resized_to(std::int64_t rows, std::int64_t columns) {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 4, rows, columns});
  graph.integers("size", {1, 4, rows, columns}).node("Resize", {"x", "", "", "size"}, "y");
  return graph;
}

TEST(ImportModel, OpensTheBatchAxisThroughAResizeByWholeNumbers) {
  EXPECT_EQ(imported_signature(resized_to(10, 18)),
            "x float32 [batch, 4, 5, 6] -> y float32 [batch, 4, 10, 18]");
  EXPECT_EQ(imported_signature(resized_to(12, 18)),
            "x float32 [1, 4, 5, 6] -> y float32 [1, 4, 12, 18]");
}

TEST(ImportModel, RepeatsAConstantRowForEveryRowOfTheBatch) {
  TinyGraph graph;
  graph.input("x", {1, 3}).output("y", {1, 5}).constant("row", {1, 2}, {1.0F, 2.0F});
  graph.node("Concat", {"row", "x"}, "y").attribute("axis", 1);
  EXPECT_EQ(imported_signature(graph), "x float32 [batch, 3] -> y float32 [batch, 5]");
}

TEST(ImportModel, KeepsTheBatchClosedWhereAnOperatorMixesTheRows) {
  TinyGraph over_rows;
  over_rows.input("x", {1, 4}).output("y", {1, 4}).integers("axes", {0});
  over_rows.node("ReduceSum", {"x", "axes"}, "y");
  EXPECT_EQ(imported_signature(over_rows), "x float32 [1, 4] -> y float32 [1, 4]");

  TinyGraph swapped;
  swapped.input("x", {1, 4}).output("y", {4, 1}).node("Transpose", {"x"}, "y");
  swapped.attribute("perm", {1, 0});
  EXPECT_EQ(imported_signature(swapped), "x float32 [1, 4] -> y float32 [4, 1]");

  TinyGraph flattened;
  flattened.input("x", {1, 4, 5}).output("y", {4, 5}).node("Flatten", {"x"}, "y");
  flattened.attribute("axis", 2);
  EXPECT_EQ(imported_signature(flattened), "x float32 [1, 4, 5] -> y float32 [4, 5]");

  TinyGraph unknown;
  unknown.input("x", {1, 4}).output("y", {1, 4}).node("CumSum", {"x"}, "y");
  EXPECT_EQ(imported_signature(unknown), "x float32 [1, 4] -> y float32 [1, 4]");

  TinyGraph shared_rows;
  shared_rows.input("x", {1, 4}).output("y", {2, 4});
  shared_rows.constant("two", {2, 4}, std::vector<float>(8)).node("Add", {"x", "two"}, "y");
  EXPECT_EQ(imported_signature(shared_rows), "x float32 [1, 4] -> y float32 [2, 4]");
}

TEST(ImportModel, LeavesAGraphWithForeignOperatorsAsItIs) {
  TinyGraph graph = prelu_graph({4, 1, 1}, slopes);
  graph.model().mutable_graph()->mutable_node(0)->set_domain("com.example");
  const Result<ImportedModel> imported = import_model(graph.bytes());
  ASSERT_TRUE(imported) << imported.error().message();
  EXPECT_EQ(imported->graph, graph.bytes());
  EXPECT_TRUE(imported->changes.empty());
}

TEST(ImportModel, MakesEqualBytesOfEqualBytes) {
  const std::vector<std::byte> bytes = prelu_graph({4, 1, 1}, slopes).bytes();
  EXPECT_EQ(import_model(bytes)->graph, import_model(bytes)->graph);
}

TEST(ImportModel, ChangesNothingTheSecondTime) {
  const std::vector<std::byte> once = import_model(prelu_graph({4, 1, 1}, slopes).bytes())->graph;
  EXPECT_EQ(import_model(once)->graph, once);
}

std::string import_error(const TinyGraph& graph) {
  const Result<ImportedModel> imported = import_model(graph.bytes());
  return imported ? "no error" : imported.error().message();
}

TEST(ImportModel, RefusesAValueThatNothingMakes) {
  TinyGraph graph = prelu_graph({4, 1, 1}, slopes);
  graph.model().mutable_graph()->mutable_node(0)->set_input(1, "missing");
  EXPECT_THAT(import_error(graph), HasSubstr("(PRelu) reads 'missing', which nothing before"));
}

TEST(ImportModel, RefusesACycle) {
  TinyGraph graph;
  graph.input("x", {1, 4}).output("b", {1, 4});
  graph.node("Add", {"x", "b"}, "a").node("Relu", {"a"}, "b");
  EXPECT_THAT(import_error(graph), HasSubstr("reads 'b', which nothing before it makes"));
}

TEST(ImportModel, RefusesAConstantShorterThanItsShape) {
  EXPECT_THAT(import_error(prelu_graph({400, 1, 1}, slopes)),
              HasSubstr("constant 'slope' should hold 400 elements"));
}

TEST(ImportModel, RefusesAConstantWhoseShapeOverflows) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  EXPECT_THAT(import_error(prelu_graph({kHuge, kHuge, 4}, slopes)),
              HasSubstr("a shape that no file can hold"));
  EXPECT_THAT(import_error(prelu_graph({-4, -1, 1}, slopes)),
              HasSubstr("a shape that no file can hold"));
}

TEST(ImportModel, RefusesWeightsInAnotherFile) {
  TinyGraph graph = prelu_graph({4, 1, 1}, slopes);
  graph.model().mutable_graph()->mutable_initializer(0)->set_data_location(
      onnx::TensorProto::EXTERNAL);
  const Result<ImportedModel> imported = import_model(graph.bytes());
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code(), ErrorCode::unsupported);
}

TEST(ImportModel, RefusesBytesThatAreNoModel) {
  const std::string text = "hello, this is no model";
  for (const std::string_view bytes : {std::string_view(), std::string_view(text)}) {
    const Result<ImportedModel> imported = import_model(std::as_bytes(std::span(bytes)));
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().code(), ErrorCode::corrupt_input);
  }
}

/// A model with something for every pass to do.
std::vector<std::byte> varied_model() {
  TinyGraph graph;
  graph.input("x", {1, 4, 5, 6}).output("y", {1, 120}).constant("slope", {4, 1, 1}, slopes);
  graph.constant("weights", {4, 1, 3, 3}, random_weights(36)).integers("shape", {1, -1});
  graph.node("PRelu", {"x", "slope"}, "p").node("Conv", {"p", "weights"}, "c");
  graph.attribute("group", 4).attribute("pads", {1, 1, 1, 1});
  graph.node("Reshape", {"c", "shape"}, "y");
  return graph.bytes();
}

TEST(ImportModel, SurvivesEveryCut) {
  const std::vector<std::byte> whole = varied_model();
  ASSERT_TRUE(import_model(whole));
  int accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    accepted += import_model(std::span(whole).first(size)) ? 1 : 0;
  }
  // Only where what is left is a whole graph: the operator set stands behind it.
  EXPECT_LT(accepted, 8);
}

TEST(ImportModel, SurvivesEveryFlippedBit) {
  const std::vector<std::byte> whole = varied_model();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::vector<std::byte> flipped = whole;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    const Result<ImportedModel> imported = import_model(flipped);
    EXPECT_TRUE(!imported || read_signature(imported->graph)) << "bit " << bit;
  }
}

void expect_float32(const std::vector<ModelTensor>& tensors, bool batched) {
  for (const ModelTensor& tensor : tensors) {
    EXPECT_EQ(tensor.element, ModelElementType::float32) << tensor.description();
    if (batched) {
      EXPECT_FALSE(tensor.axes.at(0).size) << tensor.description();
    }
  }
}

TEST(ImportModel, MakesBatchedFloat32ModelsOfTheCatalogue) {
  const char* mirror = std::getenv("RETINUE_MIRROR");  // NOLINT(concurrency-mt-unsafe)
  if (mirror == nullptr || !std::filesystem::is_directory(mirror)) {
    GTEST_SKIP() << "RETINUE_MIRROR names no folder: there are no model files to import";
  }
  for (const ModelEntry& entry : Catalogue::builtin().entries()) {
    const auto path = std::filesystem::path(mirror) / "models" / entry.mirror_path;
    const ModelSource source = read_model_source(path).value();
    const Result<ImportedModel> imported = import_model(onnx_form(source, entry.member).value());
    ASSERT_TRUE(imported) << entry.name << ": " << imported.error().message();
    const ModelSignature signature = read_signature(imported->graph).value();
    EXPECT_EQ(count_nodes(parse_model(imported->graph), "PRelu"), 0) << entry.name;
    // The detectors of persons and MoveNet cut their maps out of a batch of one.
    const bool batched = entry.task != ModelTask::persons && entry.task != ModelTask::pose;
    expect_float32(signature.inputs, batched);
    expect_float32(signature.outputs, batched);
    EXPECT_EQ(recognise_family(signature, entry.task).value(), entry.family) << entry.name;
  }
}

}  // namespace
}  // namespace retinue
