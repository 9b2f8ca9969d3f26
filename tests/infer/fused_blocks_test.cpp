#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "imported_network.hpp"
#include "models/import.hpp"
#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

/// Of a convolution.
struct Window {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::initializer_list<std::int64_t> pads = {0, 0, 0, 0};
  std::int64_t groups = 1;
};

/// Builds networks of residual blocks, layer by layer.
class Network : public TinyGraph {
 public:
  Network& conv(const std::string& x, const std::string& y, std::int64_t outputs,
                std::int64_t inputs, const Window& window = {}) {
    const std::int64_t taps = window.kernel * window.kernel;
    const float scale = 2.0F / std::sqrt(static_cast<float>(inputs * taps));
    constant(y + "_w", {outputs, inputs, window.kernel, window.kernel},
             numbers(outputs * inputs * taps, scale, ++seed_));
    constant(y + "_b", {outputs}, numbers(outputs, 0.5F, ++seed_));
    node("Conv", {x, y + "_w", y + "_b"}, y).attribute("pads", window.pads);
    attribute("strides", {window.stride, window.stride}).attribute("group", window.groups);
    return *this;
  }

  Network& prelu(const std::string& x, const std::string& y, std::int64_t channels) {
    constant(y + "_slope", {channels, 1, 1}, numbers(channels, 3.0F, ++seed_));
    node("PRelu", {x, y + "_slope"}, y);
    return *this;
  }

  /// From the first convolution to the last.
  Network& branch(const std::string& x, const std::string& y, std::int64_t inputs,
                  std::int64_t middle, std::int64_t outputs, std::int64_t stride) {
    conv(x, y + "_1", middle, inputs, {.kernel = stride, .stride = stride})
        .prelu(y + "_1", y + "_2", middle);
    conv(y + "_2", y + "_3", middle, 1, {.kernel = 3, .pads = {1, 1, 1, 1}, .groups = middle});
    return conv(y + "_3", y + "_4", outputs, middle);
  }

  Network& block(const std::string& x, const std::string& y, std::int64_t channels,
                 std::int64_t middle) {
    branch(x, y, channels, middle, channels, 1);
    node("Add", {x, y + "_4"}, y + "_5");
    return prelu(y + "_5", y, channels);
  }

  Network& pool(const std::string& x, const std::string& y, std::int64_t kernel = 2) {
    node("MaxPool", {x}, y).attribute("kernel_shape", {kernel, kernel});
    const std::int64_t pad = kernel - 2;
    attribute("strides", {2, 2}).attribute("pads", {0, 0, pad, pad});
    return *this;
  }

  /// Of stride 2, with twice the channels.
  Network& descent(const std::string& x, const std::string& y, std::int64_t inputs,
                   std::int64_t pool_kernel = 2) {
    pool(x, y + "_pool", pool_kernel);
    integers(y + "_pads", {0, 0, 0, 0, 0, inputs, 0, 0})
        .node("Pad", {y + "_pool", y + "_pads"}, y + "_skip");
    branch(x, y, inputs, inputs, 2 * inputs, 2);
    node("Add", {y + "_4", y + "_skip"}, y + "_5");
    return prelu(y + "_5", y, 2 * inputs);
  }

  /// As the face meshes begin: 3 planes, 16 channels, a block, half the extents.
  static Network of_two_blocks() {
    Network network;
    network.input("x", {1, 3, 16, 12}).output("y", {1, 5, 4, 3});
    network.conv("x", "stem_0", 16, 3, {.kernel = 3, .stride = 2, .pads = {0, 0, 1, 1}})
        .prelu("stem_0", "stem", 16);
    network.block("stem", "a", 16, 8).descent("a", "b", 16).conv("b", "y", 5, 32);
    return network;
  }

 private:
  std::uint32_t seed_ = 0;
};

/// The input of Network::of_two_blocks.
Shape picture_shape() {
  return {1, 3, 16, 12};
}

TEST(FusedBlocks, ComputeWhatTheirConvolutionsDid) {
  const onnx::ModelProto model = expect_same_values(Network::of_two_blocks(), picture_shape());
  EXPECT_EQ(count_nodes(model, "StemConvolution"), 1);
  EXPECT_EQ(count_nodes(model, "SeparableBlock"), 2);
  EXPECT_EQ(count_nodes(model, "PRelu"), 0);
  EXPECT_EQ(count_nodes(model, "MaxPool"), 0);
  EXPECT_EQ(count_nodes(model, "Transpose"), 1);  // for the last convolution
}

TEST(FusedBlocks, TreatTheRowsOfABatchAlike) {
  const std::vector<std::byte> fused = import_model(Network::of_two_blocks().bytes())->graph;
  const std::vector<float> three = run(fused, {3, 3, 16, 12});
  const std::vector<float> one = run(fused, picture_shape());
  ASSERT_EQ(three.size(), 3 * one.size());
  EXPECT_TRUE(std::equal(one.begin(), one.end(), three.begin()));
}

TEST(FusedBlocks, LeaveTheirResultInTheGraphsOrderToOtherReaders) {
  Network network;
  network.input("x", {1, 16, 6, 6}).output("y", {1, 16, 6, 6}).output("a", {1, 16, 6, 6});
  network.block("x", "a", 16, 8).block("a", "b", 16, 8).node("Add", {"a", "b"}, "y");
  const onnx::ModelProto model = expect_same_values(network, {1, 16, 6, 6});
  EXPECT_EQ(count_nodes(model, "SeparableBlock"), 2);
  EXPECT_EQ(count_nodes(model, "Transpose"), 3);  // x, a and b
}

TEST(FusedBlocks, OfStrideTwoNeedNoMoreChannels) {
  Network network;
  network.input("x", {1, 16, 6, 8}).output("y", {1, 16, 3, 4});
  network.pool("x", "pool").branch("x", "b", 16, 24, 16, 2).node("Add", {"pool", "b_4"}, "sum");
  network.prelu("sum", "y", 16);
  EXPECT_EQ(count_nodes(expect_same_values(network, {1, 16, 6, 8}), "SeparableBlock"), 1);
}

struct Lookalike {
  std::string name;
  std::function<void(Network&)> build;
  Shape shape;
};

class FusedBlocksLookalikes : public testing::TestWithParam<Lookalike> {};

TEST_P(FusedBlocksLookalikes, StayAsTheyAre) {
  Network network;
  GetParam().build(network);
  EXPECT_EQ(count_nodes(expect_same_values(network, GetParam().shape), "SeparableBlock"), 0);
}

const std::vector<Lookalike> lookalikes{
    {"AMiddleThatIsAnOutput",
     [](Network& n) {
       n.input("x", {1, 16, 4, 4}).output("y", {1, 16, 4, 4}).output("y_2", {1, 8, 4, 4});
       n.block("x", "y", 16, 8);
     },
     {1, 16, 4, 4}},
    {"AMiddleThatIsReadTwice",
     [](Network& n) {
       n.input("x", {1, 16, 4, 4}).output("y", {1, 16, 4, 4}).output("z", {1, 8, 4, 4});
       n.block("x", "y", 16, 8).node("Relu", {"y_3"}, "z");
     },
     {1, 16, 4, 4}},
    {"ChannelsThatFillNoVector",
     [](Network& n) {
       n.input("x", {1, 12, 4, 4}).output("y", {1, 12, 4, 4});
       n.block("x", "y", 12, 8);
     },
     {1, 12, 4, 4}},
    {"AnotherValueIsAdded",
     [](Network& n) {
       n.input("x", {1, 16, 4, 4}).output("y", {1, 16, 4, 4});
       n.node("Relu", {"x"}, "other");
       n.branch("x", "y", 16, 8, 16, 1);
       n.node("Add", {"other", "y_4"}, "sum");
       n.prelu("sum", "y", 16);
     },
     {1, 16, 4, 4}},
    {"MaximaOfOtherWindows",
     [](Network& n) {
       n.input("x", {1, 16, 4, 4}).output("y", {1, 32, 2, 2});
       n.descent("x", "y", 16, 3);
     },
     {1, 16, 4, 4}},
    {"ADepthwiseConvolutionWithoutPadding",
     [](Network& n) {
       n.input("x", {1, 16, 4, 4}).output("y", {1, 16, 4, 4});
       n.conv("x", "a", 8, 16, {.pads = {1, 1, 1, 1}}).prelu("a", "b", 8);
       n.conv("b", "c", 8, 1, {.kernel = 3, .groups = 8}).conv("c", "d", 16, 8);
       n.node("Add", {"x", "d"}, "sum");
       n.prelu("sum", "y", 16);
     },
     {1, 16, 4, 4}},
};
INSTANTIATE_TEST_SUITE_P(Kinds, FusedBlocksLookalikes, testing::ValuesIn(lookalikes),
                         [](const auto& lookalike) { return lookalike.param.name; });

}  // namespace
}  // namespace retinue
