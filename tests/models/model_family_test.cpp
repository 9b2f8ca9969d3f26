#include "models/model_family.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

ModelSignature signature_of(const TinyGraph& graph) {
  return read_signature(graph.bytes()).value();
}

TinyGraph mesh_graph(std::int64_t elements) {
  TinyGraph graph;
  graph.input("image", {1, 3, 256, 256}).output("points", {1, elements}).output("presence", {1, 1});
  graph.node("Relu", {"image"}, "points").node("Relu", {"image"}, "presence");
  return graph;
}

TEST(ModelSignature, LeavesConstantsOutOfTheInputs) {
  TinyGraph graph = mesh_graph(1434);
  graph.input("weight", {1}).constant("weight", {1}, {0.5F});
  const ModelSignature signature = signature_of(graph);
  ASSERT_EQ(signature.inputs.size(), 1U);
  EXPECT_EQ(signature.inputs.front().name, "image");
}

TEST(ModelSignature, ShowsOpenAxesByName) {
  TinyGraph graph = mesh_graph(1434);
  auto* shape = graph.model()
                    .mutable_graph()
                    ->mutable_input(0)
                    ->mutable_type()
                    ->mutable_tensor_type()
                    ->mutable_shape();
  shape->mutable_dim(0)->set_dim_param("batch");
  shape->mutable_dim(2)->set_dim_value(-1);
  EXPECT_EQ(signature_of(graph).inputs.front().description(), "image float32 [batch, 3, ?, 256]");
}

TEST(ModelSignature, KeepsTheMetadata) {
  TinyGraph graph = mesh_graph(1434);
  auto* entry = graph.model().add_metadata_props();
  entry->set_key("task");
  entry->set_value("mesh");
  EXPECT_THAT(signature_of(graph).metadata,
              ::testing::ElementsAre(::testing::Pair("task", "mesh")));
}

TEST(ModelSignature, OfATruncatedFileIsAnError) {
  std::vector<std::byte> bytes = mesh_graph(1434).bytes();
  bytes.resize(bytes.size() / 2);
  const Result<ModelSignature> signature = read_signature(bytes);
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code(), ErrorCode::corrupt_input);
  EXPECT_THAT(signature.error().message(), HasSubstr("cut short"));
}

TEST(RecogniseFamily, KnowsAMeshByItsPointsAndPresence) {
  const Result<ModelFamily> family =
      recognise_family(signature_of(mesh_graph(1434)), ModelTask::landmarks);
  ASSERT_TRUE(family) << family.error().message();
  EXPECT_EQ(*family, ModelFamily::mediapipe_face_mesh);
}

TEST(RecogniseFamily, KnowsBlendshapesWithAndWithoutABatchAxis) {
  for (const bool batched : {false, true}) {
    TinyGraph graph;
    graph.input("points", {1, 146, 2}).node("Relu", {"points"}, "scores");
    if (batched) {
      graph.output("scores", {1, 52});
    } else {
      graph.output("scores", {52});
    }
    const Result<ModelFamily> family =
        recognise_family(signature_of(graph), ModelTask::blendshapes);
    ASSERT_TRUE(family) << family.error().message();
    EXPECT_EQ(*family, ModelFamily::mediapipe_blendshapes);
  }
}

TEST(RecogniseFamily, SaysWhatWasFoundAndWhatWouldBeAccepted) {
  const Result<ModelFamily> family =
      recognise_family(signature_of(mesh_graph(1404)), ModelTask::landmarks);
  ASSERT_FALSE(family);
  EXPECT_EQ(family.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(family.error().message(),
              AllOf(HasSubstr("'landmarks'"), HasSubstr("points float32 [1, 1404]"),
                    HasSubstr("mediapipe_face_mesh: "), HasSubstr("1434")));
}

TEST(RecogniseFamily, DoesNotTakeAModelOfAnotherTask) {
  EXPECT_FALSE(recognise_family(signature_of(mesh_graph(1434)), ModelTask::faces));
  EXPECT_FALSE(recognise_family(signature_of(mesh_graph(1434)), ModelTask::blendshapes));
}

TinyGraph gaze_graph(std::int64_t side, std::initializer_list<std::int64_t> outputs) {
  TinyGraph graph;
  graph.input("image", {1, 3, side, side});
  for (const std::int64_t elements : outputs) {
    const std::string name = "y" + std::to_string(graph.model().graph().output_size());
    graph.output(name, {1, elements}).node("Relu", {"image"}, name);
  }
  return graph;
}

TEST(RecogniseFamily, KnowsGazeNetsByTheNumbersThatTheyAnswerWith) {
  const auto family = [](std::initializer_list<std::int64_t> outputs) {
    return recognise_family(signature_of(gaze_graph(448, outputs)), ModelTask::gaze);
  };
  EXPECT_EQ(family({90, 90}), ModelFamily::gaze_bins);
  EXPECT_EQ(family({28, 28}), ModelFamily::gaze_bins);
  EXPECT_EQ(family({2}), ModelFamily::gaze_angles);
  EXPECT_EQ(family({3}), ModelFamily::gaze360);
  EXPECT_FALSE(recognise_family(signature_of(gaze_graph(64, {3})), ModelTask::gaze))
      << "a net for head pose";
  EXPECT_FALSE(family({90, 28}));
  EXPECT_FALSE(family({90}));
  EXPECT_FALSE(family({2, 2}));
  EXPECT_FALSE(family({4}));
}

TEST(RecogniseFamily, KnowsTheGazeNetOfTwoEyesByItsInputs) {
  TinyGraph graph;
  graph.input("right_eye_image", {1, 3, 60, 60}).input("head_pose_angles", {1, 3});
  graph.input("left_eye_image", {1, 3, 60, 60}).output("gaze_vector", {1, 3});
  graph.node("Relu", {"head_pose_angles"}, "gaze_vector");
  EXPECT_EQ(recognise_family(signature_of(graph), ModelTask::gaze), ModelFamily::gaze_adas);
  ModelSignature renamed = signature_of(graph);
  renamed.inputs.back().name = "other";
  EXPECT_FALSE(recognise_family(renamed, ModelTask::gaze));
  ModelSignature smaller = signature_of(graph);
  smaller.inputs.front().axes[3].size = 30;
  EXPECT_FALSE(recognise_family(smaller, ModelTask::gaze));
}

TEST(RecogniseFamily, KnowsAFacesVectorByItsLength) {
  const auto family = [](std::initializer_list<std::int64_t> outputs) {
    return recognise_family(signature_of(gaze_graph(112, outputs)), ModelTask::embedding);
  };
  for (const std::int64_t length : {64, 128, 192, 256, 512})
    EXPECT_EQ(family({length}), ModelFamily::arcface) << length;
  for (const std::int64_t length : {2, 7, 136, 196, 1000, 1024})
    EXPECT_FALSE(family({length})) << length;
  EXPECT_FALSE(family({128, 128}));
}

TEST(RecogniseFamily, KnowsEmotionsOfAGreyFace) {
  const auto net = [](std::int64_t channels, std::int64_t width, std::int64_t emotions) {
    TinyGraph graph;
    graph.input("image", {1, channels, 64, width}).output("y", {1, emotions});
    return signature_of(graph.node("Relu", {"image"}, "y"));
  };
  EXPECT_EQ(recognise_family(net(1, 64, 7), ModelTask::emotion), ModelFamily::fer2013);
  EXPECT_FALSE(recognise_family(net(3, 64, 7), ModelTask::emotion));
  EXPECT_FALSE(recognise_family(net(1, 48, 7), ModelTask::emotion));
  EXPECT_FALSE(recognise_family(net(1, 64, 8), ModelTask::emotion));
}

TEST(RecogniseFamily, KnowsTheNetOfHeadPosesByItsAngles) {
  TinyGraph graph;
  graph.input("data", {1, 3, 60, 60});
  for (const std::string name : {"angle_r_fc", "angle_p_fc", "angle_y_fc"})
    graph.output(name, {1, 1}).node("Relu", {"data"}, name);
  EXPECT_EQ(recognise_family(signature_of(graph), ModelTask::head_pose),
            ModelFamily::head_pose_adas);
  ModelSignature renamed = signature_of(graph);
  renamed.outputs.front().name = "other";
  EXPECT_FALSE(recognise_family(renamed, ModelTask::head_pose));
}

/// With `columns` numbers a row of boxes.
ModelSignature blazeface(std::int64_t side, std::int64_t anchors, std::int64_t columns) {
  TinyGraph graph;
  graph.input("input", {1, 3, side, side}).output("regressors", {1, anchors, columns});
  graph.output("classificators", {1, anchors, 1}).node("Relu", {"input"}, "regressors");
  graph.node("Relu", {"input"}, "classificators");
  return signature_of(graph);
}

TEST(RecogniseFamily, KnowsBothRangesOfBlazefaceByTheirAnchors) {
  EXPECT_EQ(recognise_family(blazeface(128, 896, 16), ModelTask::faces), ModelFamily::blazeface);
  EXPECT_EQ(recognise_family(blazeface(192, 2304, 16), ModelTask::faces), ModelFamily::blazeface);
  EXPECT_FALSE(recognise_family(blazeface(192, 896, 16), ModelTask::faces));
  EXPECT_FALSE(recognise_family(blazeface(128, 896, 18), ModelTask::faces));
}

/// Nine outputs with these columns, of rank 3 or 2; -1 is an open axis.
ModelSignature scrfd(const std::vector<std::int64_t>& columns, bool batch_axis) {
  TinyGraph graph;
  graph.input("input.1", {1, 3, -1, -1});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = std::to_string(440 + i);
    if (batch_axis) {
      graph.output(name, {-1, -1, columns[i]});
    } else {
      graph.output(name, {12800, columns[i]});
    }
    graph.node("Relu", {"input.1"}, name);
  }
  return signature_of(graph);
}

TEST(RecogniseFamily, KnowsScrfdByItsNineOutputs) {
  const std::vector<std::int64_t> columns{1, 1, 1, 4, 4, 4, 10, 10, 10};
  for (const bool batch_axis : {true, false}) {
    EXPECT_EQ(recognise_family(scrfd(columns, batch_axis), ModelTask::faces), ModelFamily::scrfd);
  }
  EXPECT_EQ(recognise_family(scrfd(std::vector<std::int64_t>(9, -1), true), ModelTask::faces),
            ModelFamily::scrfd)
      << "an export that leaves its axes open";
  EXPECT_FALSE(recognise_family(scrfd({1, 1, 1, 4, 4, 4}, true), ModelTask::faces))
      << "without keypoints";
  EXPECT_FALSE(recognise_family(scrfd({1, 4, 10, 1, 4, 10, 1, 4, 10}, true), ModelTask::faces));
}

TEST(RecogniseFamily, KnowsRetinafaceByItsColumnsInAnyOrder) {
  const auto retinaface = [](std::initializer_list<std::int64_t> columns) {
    TinyGraph graph;
    graph.input("input", {1, 3, 640, 640});
    for (const std::int64_t count : columns) {
      const std::string name = "of" + std::to_string(count);
      graph.output(name, {1, 16800, count}).node("Relu", {"input"}, name);
    }
    return signature_of(graph);
  };
  EXPECT_EQ(recognise_family(retinaface({4, 2, 10}), ModelTask::faces), ModelFamily::retinaface);
  EXPECT_EQ(recognise_family(retinaface({10, 4, 2}), ModelTask::faces), ModelFamily::retinaface);
  EXPECT_FALSE(recognise_family(retinaface({4, 2}), ModelTask::faces));
  EXPECT_FALSE(recognise_family(retinaface({4, 2, 212}), ModelTask::faces));
}

TEST(RecogniseFamily, WantsEveryOutputOfYunet) {
  TinyGraph graph;
  graph.input("input", {1, 3, 640, 640});
  for (const std::string stride : {"8", "16", "32"}) {
    graph.output("cls_" + stride, {1, 100, 1}).node("Relu", {"input"}, "cls_" + stride);
    graph.output("obj_" + stride, {1, 100, 1}).node("Relu", {"input"}, "obj_" + stride);
    graph.output("bbox_" + stride, {1, 100, 4}).node("Relu", {"input"}, "bbox_" + stride);
    graph.output("kps_" + stride, {1, 100, 10}).node("Relu", {"input"}, "kps_" + stride);
  }
  ASSERT_TRUE(recognise_family(signature_of(graph), ModelTask::faces));
  ModelSignature renamed = signature_of(graph);
  renamed.outputs.back().name = "other";
  EXPECT_FALSE(recognise_family(renamed, ModelTask::faces));
  ModelSignature missing = signature_of(graph);
  missing.outputs.pop_back();
  EXPECT_FALSE(recognise_family(missing, ModelTask::faces));
}

/// A head of YOLOX's shape behind a convolution, with an operator before and one behind it.
TinyGraph yolox_graph(const std::string& before, const std::string& behind) {
  TinyGraph graph;
  graph.input("images", {1, 3, 64, 64}).output("output", {1, 84, 85});
  graph.constant("weights", {1, 3, 1, 1}, {1.0F, 1.0F, 1.0F}).integers("shape", {1, 84, 85});
  graph.node(before, {"images"}, "a").node("Conv", {"a", "weights"}, "b");
  graph.node("Reshape", {"b", "shape"}, "c").node(behind, {"c"}, "output");
  return graph;
}

TEST(ModelSignature, ListsTheOperatorsBehindTheLastConvolutions) {
  EXPECT_THAT(signature_of(yolox_graph("Exp", "Tanh")).tail_operators,
              ::testing::ElementsAre("Reshape", "Tanh"));
}

TEST(RecogniseFamily, TellsDecodedBoxesOfYoloxByTheExponentialBehindItsConvolutions) {
  const auto family = [](const std::string& before, const std::string& behind) {
    return recognise_family(signature_of(yolox_graph(before, behind)), ModelTask::persons).value();
  };
  EXPECT_EQ(family("Relu", "Sigmoid"), ModelFamily::yolox);
  EXPECT_EQ(family("Exp", "Sigmoid"), ModelFamily::yolox);
  EXPECT_EQ(family("Relu", "Exp"), ModelFamily::yolox_decoded);
}

TEST(OutputsRead, OfAMeshAreThePointsAndThePresence) {
  TinyGraph graph = mesh_graph(1434);
  graph.output("tongue_out", {1, 1}).node("Relu", {"image"}, "tongue_out");
  EXPECT_THAT(outputs_read(ModelFamily::mediapipe_face_mesh, signature_of(graph)),
              ::testing::ElementsAre("points", "presence"));
}

TEST(OutputsRead, OfBlazePoseAreNeitherMaskNorHeatMaps) {
  TinyGraph graph;
  graph.input("image", {1, 3, 256, 256});
  graph.output("ld_3d", {1, 195}).output("flag", {1, 1}).output("mask", {1, 256, 256, 1});
  graph.output("heat", {1, 64, 64, 39}).output("world", {1, 117});
  for (const std::string output : {"ld_3d", "flag", "mask", "heat", "world"})
    graph.node("Relu", {"image"}, output);
  EXPECT_THAT(outputs_read(ModelFamily::blazepose_landmarks, signature_of(graph)),
              ::testing::ElementsAre("ld_3d", "flag", "world"));
}

TEST(OutputsRead, OfMostFamiliesAreAll) {
  EXPECT_THAT(outputs_read(ModelFamily::yolox, signature_of(mesh_graph(1434))),
              ::testing::ElementsAre("points", "presence"));
}

TEST(RecogniseFamily, SurvivesAbsurdShapes) {
  ModelSignature signature = signature_of(mesh_graph(1434));
  signature.outputs[0].axes.assign(64, {.size = std::int64_t{1} << 62, .symbol = {}});
  EXPECT_FALSE(recognise_family(signature, ModelTask::landmarks));
  signature.inputs[0].axes.clear();
  EXPECT_FALSE(recognise_family(signature, ModelTask::landmarks));
}

}  // namespace
}  // namespace retinue
