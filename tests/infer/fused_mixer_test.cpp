#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imported_network.hpp"
#include "models/import.hpp"
#include "models/model_source.hpp"
#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kTokens = 5;

/// Builds mixer blocks over x [1, channels, 1, tokens] as tf2onnx writes them.
class Mixer : public TinyGraph {
 public:
  /// `x` is the rectified input.
  explicit Mixer(std::int64_t channels = 16) : channels_(channels) {
    input("raw", {1, channels, 1, kTokens}).node("Relu", {"raw"}, "x");
  }

  Shape shape() const { return {1, channels_, 1, kTokens}; }

  Mixer& ends(const std::string& y, std::int64_t tokens = kTokens) {
    output(y, {1, channels_, 1, tokens});
    return *this;
  }

  /// Both halves of a block from `x` to `y`, with `y`_u between.
  Mixer& block(const std::string& x, const std::string& y) {
    const std::string u = y + "_u";
    normalise(x, y + "_1");
    integers(y + "_columns", {1, kTokens, 1, channels_});
    node("Reshape", {y + "_1", y + "_columns"}, y + "_2");
    perceptron(y + "_2", y + "_3", kTokens, 6);
    node("Transpose", {y + "_3"}, y + "_4").attribute("perm", {0, 3, 2, 1});
    node("Add", {y + "_4", x}, u);
    normalise(u, y + "_5");
    node("Transpose", {y + "_5"}, y + "_6").attribute("perm", {0, 3, 1, 2});
    perceptron(y + "_6", y + "_7", channels_, 24);
    node("Add", {y + "_7", u}, y);
    return *this;
  }

  /// `y` is so many of the first tokens of `x`.
  Mixer& first_tokens(const std::string& x, const std::string& y, std::int64_t count) {
    integers(y + "_starts", {0, 0}).integers(y + "_ends", {1, count}).integers(y + "_axes", {0, 3});
    node("Slice", {x, y + "_starts", y + "_ends", y + "_axes"}, y);
    return *this;
  }

  onnx::NodeProto& maker(const std::string& value) {
    auto& nodes = *model().mutable_graph()->mutable_node();
    return *std::ranges::find_if(nodes, [&](const auto& node) { return node.output(0) == value; });
  }

 private:
  void normalise(const std::string& x, const std::string& y) {
    constant(y + "_scale", {channels_}, numbers(channels_, 1.0F, ++seed_));
    constant(y + "_epsilon", {1, 1, 1, 1}, {0.125F});
    integers(y + "_column", {1, 1, kTokens, 1});
    node("ReduceMean", {x}, y + "_mean").attribute("axes", {1});
    node("Neg", {y + "_mean"}, y + "_n").node("Reshape", {y + "_n", y + "_column"}, y + "_shift");
    node("Sub", {x, y + "_mean"}, y + "_d").node("Mul", {y + "_d", y + "_d"}, y + "_square");
    node("ReduceMean", {y + "_square"}, y + "_variance").attribute("axes", {1});
    node("Add", {y + "_variance", y + "_epsilon"}, y + "_sum");
    node("Sqrt", {y + "_sum"}, y + "_deviation").node("Reciprocal", {y + "_deviation"}, y + "_r");
    node("Reshape", {y + "_r", y + "_column"}, y + "_rates");
    node("Mul", {y + "_rates", y + "_scale"}, y + "_factor");
    node("Mul", {y + "_shift", y + "_factor"}, y + "_offset");
    node("Transpose", {x}, y + "_turned").attribute("perm", {0, 2, 3, 1});
    node("Mul", {y + "_turned", y + "_factor"}, y + "_scaled");
    node("Add", {y + "_scaled", y + "_offset"}, y);
  }

  void perceptron(const std::string& x, const std::string& y, std::int64_t mixed,
                  std::int64_t hidden) {
    layer(x, y + "_hidden", hidden, mixed);
    node("Relu", {y + "_hidden"}, y + "_relu");
    layer(y + "_relu", y, mixed, hidden);
  }

  void layer(const std::string& x, const std::string& y, std::int64_t outputs,
             std::int64_t inputs) {
    const float scale = 2.0F / std::sqrt(static_cast<float>(inputs));
    constant(y + "_w", {outputs, inputs, 1, 1}, numbers(outputs * inputs, scale, ++seed_));
    constant(y + "_b", {outputs}, numbers(outputs, 0.5F, ++seed_));
    node("Conv", {x, y + "_w", y + "_b"}, y);
  }

  std::int64_t channels_;
  std::uint32_t seed_ = 0;
};

/// Of each MixerBlock, in order.
std::vector<std::int64_t> results_of(const onnx::ModelProto& model) {
  std::vector<std::int64_t> results;
  for (const onnx::NodeProto& node : model.graph().node()) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (node.op_type() == "MixerBlock" && attribute.name() == "results") {
        results.push_back(attribute.i());
      }
    }
  }
  return results;
}

TEST(FusedMixers, ComputeWhatTheirLayersDid) {
  Mixer network;
  network.block("x", "a").block("a", "y").ends("y");
  const onnx::ModelProto model = expect_same_values(network, network.shape());
  EXPECT_EQ(count_nodes(model, "MixerBlock"), 2);
  EXPECT_EQ(count_nodes(model, "Conv"), 0);
  EXPECT_EQ(count_nodes(model, "LayerNormalization"), 0);
  EXPECT_EQ(count_nodes(model, "Transpose"), 2);  // x and y
}

TEST(FusedMixers, TreatTheRowsOfABatchAlike) {
  Mixer network;
  network.block("x", "y").ends("y");
  const std::vector<std::byte> fused = import_model(network.bytes())->graph;
  const std::vector<float> three = run(fused, {3, 16, 1, kTokens});
  const std::vector<float> one = run(fused, network.shape());
  ASSERT_EQ(three.size(), 3 * one.size());
  EXPECT_TRUE(std::equal(one.begin(), one.end(), three.begin()));
}

TEST(FusedMixers, MakeNoMoreThanTheFirstTokensThatAreRead) {
  Mixer network;
  network.block("x", "a").block("a", "b").first_tokens("b", "y", 2).ends("y", 2);
  EXPECT_THAT(results_of(expect_same_values(network, network.shape())), ElementsAre(kTokens, 2));
}

TEST(FusedMixers, MakeTheTokensOfTheReaderThatWantsMost) {
  Mixer network;
  network.block("x", "b").first_tokens("b", "y", 1).ends("y", 1);
  network.first_tokens("b", "z", 3).ends("z", 3);
  EXPECT_THAT(results_of(expect_same_values(network, network.shape())), ElementsAre(3));
}

TEST(FusedMixers, MakeAllTokensThatAreAnOutput) {
  Mixer network;
  network.block("x", "b").first_tokens("b", "y", 1).ends("y", 1).ends("b");
  EXPECT_THAT(results_of(expect_same_values(network, network.shape())), ElementsAre(kTokens));
}

TEST(FusedMixers, LeaveTheirResultInTheGraphsOrderToOtherReaders) {
  Mixer network;
  network.block("x", "a").block("a", "b").ends("y");
  network.node("Add", {"a", "b"}, "y");
  EXPECT_THAT(results_of(expect_same_values(network, network.shape())),
              ElementsAre(kTokens, kTokens));
}

struct Lookalike {
  std::string name;
  std::function<void(Mixer&)> change;
  std::int64_t channels = 16;
};

class FusedMixersLookalikes : public testing::TestWithParam<Lookalike> {};

TEST_P(FusedMixersLookalikes, StayAsTheyAre) {
  Mixer network(GetParam().channels);
  network.block("x", "y").ends("y");
  GetParam().change(network);
  EXPECT_EQ(count_nodes(expect_same_values(network, network.shape()), "MixerBlock"), 0);
}

const std::vector<Lookalike> lookalikes{
    {.name = "AnotherValueIsAdded", .change = [](Mixer& n) { n.maker("y_u").set_input(1, "raw"); }},
    {.name = "AnotherActivation",
     .change = [](Mixer& n) { n.maker("y_3_relu").set_op_type("Sigmoid"); }},
    {.name = "AMiddleThatIsAnOutput", .change = [](Mixer& n) { n.ends("y_u"); }},
    {.name = "AMiddleThatIsReadBesides",
     .change =
         [](Mixer& n) {
           n.node("Relu", {"y_u"}, "z");
           n.ends("z");
         }},
    {.name = "LayersInGroups",
     .change =
         [](Mixer& n) {
           n.integers("two", {2});
           onnx::AttributeProto* groups = n.maker("y_7_hidden").add_attribute();
           groups->set_name("group");
           groups->set_type(onnx::AttributeProto::INT);
           groups->set_i(2);
           n.maker("y_7_hidden").set_input(1, "half_w");
           n.constant("half_w", {24, 8, 1, 1}, numbers(192, 0.5F, 77));
         }},
    {.name = "TokensThatAreTakenForChannels",
     .change =
         [](Mixer& n) {
           n.integers("planes", {1, 16, 1, kTokens});
           onnx::NodeProto& turned = n.maker("y_6");
           turned.set_op_type("Reshape");
           turned.clear_attribute();
           turned.add_input("planes");
         }},
    {.name = "ChannelsThatFillNoVector", .change = [](Mixer&) {}, .channels = 12},
};
INSTANTIATE_TEST_SUITE_P(Kinds, FusedMixersLookalikes, testing::ValuesIn(lookalikes),
                         [](const auto& lookalike) { return lookalike.param.name; });

/// A graph of one MixerBlock for x [1, 1, 4, 8], the `wrong` of its inputs of one element.
TinyGraph one_mixer_block(std::initializer_list<std::int64_t> x, int wrong = 0) {
  const std::vector<std::vector<std::int64_t>> shapes{{8}, {3, 4, 1, 1}, {3}, {4, 3, 1, 1}, {4},
                                                      {8}, {8, 8, 1, 1}, {8}, {8, 8, 1, 1}, {8}};
  TinyGraph graph;
  graph.input("x", x).output("y", {1, 1, 2, 8}).node("MixerBlock", {"x"}, "y");
  onnx::NodeProto& node = *graph.model().mutable_graph()->mutable_node(0);
  node.set_domain("retinue");
  onnx::OperatorSetIdProto* operators = graph.model().add_opset_import();
  operators->set_domain("retinue");
  operators->set_version(1);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const std::string name = "c" + std::to_string(i);
    onnx::TensorProto* tensor = graph.constant(name, {1}, {0.5F})
                                    .model()
                                    .mutable_graph()
                                    ->mutable_initializer(static_cast<int>(i));
    node.add_input(name);
    if (static_cast<int>(i) + 1 == wrong) continue;
    tensor->clear_dims();
    std::int64_t count = 1;
    for (const std::int64_t extent : shapes[i]) {
      tensor->add_dims(extent);
      count *= extent;
    }
    tensor->mutable_float_data()->Resize(static_cast<int>(count), 0.5F);
  }
  graph.attribute("results", 2);
  for (const char* name : {"token_epsilon", "channel_epsilon"}) {
    onnx::AttributeProto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(0.001F);
  }
  return graph;
}

TEST(MixerOperator, RefusesConstantsOfAnotherShape) {
  EXPECT_TRUE(Session::create("mixer", one_mixer_block({1, 1, 4, 8}).bytes()));
  for (int wrong = 1; wrong <= 10; ++wrong) {
    const auto session = Session::create("mixer", one_mixer_block({1, 1, 4, 8}, wrong).bytes());
    ASSERT_FALSE(session) << wrong;
    EXPECT_THAT(session.error().message(), HasSubstr("MixerBlock"));
  }
}

TEST(MixerOperator, RefusesTokensOfAnotherShape) {
  const std::vector<Shape> others{{1, 1, 5, 8}, {1, 1, 4, 16}, {1, 2, 4, 8}, {1, 1, 8, 4}};
  for (const Shape& shape : others) {
    TinyGraph graph = one_mixer_block({1, 1, 4, 8});
    auto* input = graph.model().mutable_graph()->mutable_input(0)->mutable_type();
    input->mutable_tensor_type()->clear_shape();
    for (int axis = 0; axis < 4; ++axis)
      input->mutable_tensor_type()->mutable_shape()->add_dim();
    const auto session = Session::create("mixer", graph.bytes());
    ASSERT_TRUE(session) << session.error().message();
    const auto shapes = (*session)->output_shapes({&shape, 1});
    ASSERT_FALSE(shapes);
    EXPECT_THAT(shapes.error().message(), HasSubstr("MixerBlock"));
  }
}

/// The blendshapes model of the mirror in `file`; `member` is its name in a bundle.
std::vector<std::byte> blendshapes(const char* file, const std::string& member = {}) {
  const char* mirror = std::getenv("RETINUE_MIRROR");  // NOLINT(concurrency-mt-unsafe)
  const fs::path path = fs::path(mirror != nullptr ? mirror : "") / "models" / file;
  if (mirror == nullptr || !fs::is_regular_file(path)) return {};
  return onnx_form(read_model_source(path).value(), member).value();
}

/// Returns what became of it.
onnx::ModelProto expect_same_scores(std::span<const std::byte> model) {
  const ImportedModel imported = import_model(model).value();
  const Shape landmarks{1, 146, 2};
  const std::vector<float> before = run(model, landmarks);
  const std::vector<float> after = run(imported.graph, landmarks);
  EXPECT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_NEAR(after.at(i), before[i], 2e-6F) << "score " << i;
  return parse_model(imported.graph);
}

TEST(FusedMixers, GiveTheBlendshapesTheScoresOfTheFileAsItIs) {
  const std::vector<std::byte> model = blendshapes("blendshapes/mediapipe_face_blendshapes.onnx");
  if (model.empty()) GTEST_SKIP() << "RETINUE_MIRROR has no blendshapes model";
  // Behind the last block the first token is all that counts; the graph cuts off two before.
  EXPECT_THAT(results_of(expect_same_scores(model)), ElementsAre(97, 97, 97, 2));
}

TEST(FusedMixers, AreFoundInTheBlendshapesOfMediapipesBundle) {
  const std::vector<std::byte> model = blendshapes(
      "face_landmarks/face_landmarker_v2_with_blendshapes.task", "face_blendshapes.tflite");
  if (model.empty()) GTEST_SKIP() << "RETINUE_MIRROR has no bundle with blendshapes";
  EXPECT_EQ(count_nodes(expect_same_scores(model), "MixerBlock"), 4);
}

}  // namespace
}  // namespace retinue
