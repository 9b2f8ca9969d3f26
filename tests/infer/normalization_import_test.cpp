#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "infer/session.hpp"
#include "models/import.hpp"
#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

constexpr std::int64_t kChannels = 6;
constexpr std::int64_t kTokens = 5;

/// A layer normalisation over the channels of x [1, channels, 1, tokens], as tf2onnx writes it.
/// `squared` is what the variance is the mean of.
TinyGraph written_out(const std::string& squared = "difference") {
  TinyGraph graph;
  graph.input("x", {1, kChannels, 1, kTokens}).output("y", {1, 1, kTokens, kChannels});
  graph.constant("scale", {kChannels}, {0.5F, -2.0F, 1.0F, 3.0F, 0.25F, 1.5F});
  graph.constant("epsilon", {1, 1, 1, 1}, {0.125F});
  graph.integers("row", {1, 1, 1, kTokens}).integers("column", {1, 1, kTokens, 1});
  graph.node("ReduceMean", {"x"}, "mean").attribute("axes", {1});
  graph.node("Neg", {"mean"}, "negative").node("Reshape", {"negative", "column"}, "shift");
  graph.node("Reshape", {"mean", "row"}, "mean_row").node("Sub", {"x", "mean_row"}, "difference");
  graph.node("Mul", {squared, squared}, "square");
  graph.node("ReduceMean", {"square"}, "variance").attribute("axes", {1});
  graph.node("Add", {"variance", "epsilon"}, "sum").node("Sqrt", {"sum"}, "deviation");
  graph.node("Reciprocal", {"deviation"}, "rate").node("Reshape", {"rate", "column"}, "rates");
  graph.node("Mul", {"rates", "scale"}, "factor").node("Mul", {"shift", "factor"}, "offset");
  graph.node("Transpose", {"x"}, "turned").attribute("perm", {0, 2, 3, 1});
  graph.node("Mul", {"turned", "factor"}, "scaled").node("Add", {"scaled", "offset"}, "y");
  return graph;
}

/// Likewise with the channels where they are, [1, channels, 1, tokens], as models of TensorFlow
/// Lite have it after they are read; then its result with the channels last.
TinyGraph written_out_in_planes(const std::string& squared = "difference") {
  TinyGraph graph;
  graph.input("x", {1, kChannels, 1, kTokens}).output("y", {1, 1, kTokens, kChannels});
  graph.constant("scale", {1, kChannels, 1, 1}, {0.5F, -2.0F, 1.0F, 3.0F, 0.25F, 1.5F});
  graph.constant("epsilon", {1, 1, 1, 1}, {0.125F});
  graph.node("ReduceMean", {"x"}, "mean").attribute("axes", {1});
  graph.node("Neg", {"mean"}, "negative").node("Sub", {"x", "mean"}, "difference");
  graph.node("Mul", {squared, squared}, "square");
  graph.node("ReduceMean", {"square"}, "variance").attribute("axes", {1});
  graph.node("Add", {"variance", "epsilon"}, "sum").node("Sqrt", {"sum"}, "deviation");
  graph.node("Reciprocal", {"deviation"}, "rate").node("Mul", {"rate", "scale"}, "factor");
  graph.node("Mul", {"x", "factor"}, "scaled").node("Mul", {"negative", "factor"}, "offset");
  graph.node("Add", {"scaled", "offset"}, "normalised");
  graph.node("Transpose", {"normalised"}, "y").attribute("perm", {0, 2, 3, 1});
  return graph;
}

std::vector<float> run(std::span<const std::byte> graph) {
  const std::unique_ptr<Session> session = Session::create("normalisation", graph).value();
  const Tensor input(ElementType::float32, {1, kChannels, 1, kTokens});
  const Tensor output(ElementType::float32, {1, 1, kTokens, kChannels});
  std::minstd_rand random(3);
  for (float& value : input.floats())
    value = std::uniform_real_distribution<float>(-4.0F, 9.0F)(random);
  Stream stream;
  EXPECT_TRUE(session->run(std::vector{input.view()}, std::vector{output.view()}, stream));
  return {output.floats().begin(), output.floats().end()};
}

/// Imports a graph, expects the same of both, and returns what it became.
onnx::ModelProto expect_same_values(const TinyGraph& graph) {
  const std::vector<std::byte> bytes = graph.bytes();
  const std::vector<std::byte> imported = import_model(bytes).value().graph;
  const std::vector<float> before = run(bytes);
  const std::vector<float> after = run(imported);
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_NEAR(after.at(i), before[i], 2e-6F) << "at " << i;
  return parse_model(imported);
}

TEST(WrittenOutLayerNormalization, BecomesOneOperator) {
  const onnx::ModelProto model = expect_same_values(written_out());
  EXPECT_EQ(count_nodes(model, "LayerNormalization"), 1);
  EXPECT_EQ(model.graph().node_size(), 2);  // and the Transpose
}

TEST(WrittenOutLayerNormalization, OfPlanesBecomesOneOperatorBetweenTranspositions) {
  const onnx::ModelProto model = expect_same_values(written_out_in_planes());
  EXPECT_EQ(count_nodes(model, "LayerNormalization"), 1);
  EXPECT_EQ(model.graph().node_size(), 4);  // One before, one behind, and the graph's own.
}

TEST(WrittenOutLayerNormalization, OfPlanesStaysIfItDividesBySomethingElse) {
  const onnx::ModelProto model = expect_same_values(written_out_in_planes("x"));
  EXPECT_EQ(count_nodes(model, "LayerNormalization"), 0);
}

TEST(WrittenOutLayerNormalization, StaysIfItDividesBySomethingElse) {
  const onnx::ModelProto model = expect_same_values(written_out("x"));
  EXPECT_EQ(count_nodes(model, "LayerNormalization"), 0);
}

}  // namespace
}  // namespace retinue
