#include "infer/session.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/tiny_graph.hpp"

namespace retinue {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// y = x + 10 for x of [?, 2], the batch axis open.
std::vector<std::byte> add_ten() {
  TinyGraph graph;
  graph.input("x", {1, 2}).output("y", {1, 2}).constant("ten", {1}, {10});
  graph.node("Add", {"x", "ten"}, "y");
  for (onnx::ValueInfoProto* value : {graph.model().mutable_graph()->mutable_input(0),
                                      graph.model().mutable_graph()->mutable_output(0)}) {
    value->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_param(
        "batch");
  }
  return graph.bytes();
}

std::unique_ptr<Session> open(const std::vector<std::byte>& model) {
  Result<std::unique_ptr<Session>> session = Session::create("tiny", model);
  if (!session) {
    ADD_FAILURE() << session.error().message();
    return nullptr;
  }
  return *std::move(session);
}

Error error_of_opening(std::span<const std::byte> model) {
  Result<std::unique_ptr<Session>> session = Session::create("tiny", model);
  if (session) {
    ADD_FAILURE() << "the model was loaded";
    return {ErrorCode::internal, ""};
  }
  return session.error();
}

/// Runs a session of one input and one output.
Result<void> run(const Session& session, const Tensor& input, const Tensor& output) {
  Stream stream;
  return session.run(std::vector{input.view()}, std::vector{output.view()}, stream);
}

Tensor floats(const Shape& shape, const std::vector<float>& values) {
  Tensor tensor(ElementType::float32, shape);
  std::ranges::copy(values, tensor.floats().begin());
  return tensor;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

TEST(Session, DescribesInputsAndOutputs) {
  const auto session = open(add_ten());
  ASSERT_EQ(session->inputs().size(), 1U);
  ASSERT_EQ(session->outputs().size(), 1U);
  EXPECT_EQ(session->name(), "tiny");
  EXPECT_EQ(session->inputs()[0].name, "x");
  EXPECT_EQ(session->inputs()[0].type, ElementType::float32);
  EXPECT_EQ(session->inputs()[0].shape, (Shape{-1, 2})) << "an open axis is -1";
  EXPECT_EQ(session->outputs()[0].name, "y");
}

TEST(Session, DescribesEveryElementTypeThatATensorCanHave) {
  for (const auto& [theirs, ours] : {std::pair{onnx::TensorProto::FLOAT, ElementType::float32},
                                     std::pair{onnx::TensorProto::FLOAT16, ElementType::float16},
                                     std::pair{onnx::TensorProto::UINT8, ElementType::uint8},
                                     std::pair{onnx::TensorProto::INT8, ElementType::int8},
                                     std::pair{onnx::TensorProto::INT32, ElementType::int32},
                                     std::pair{onnx::TensorProto::INT64, ElementType::int64}}) {
    TinyGraph graph;
    graph.input("x", {3}, theirs).output("y", {3}, theirs).node("Identity", {"x"}, "y");
    const auto session = open(graph.bytes());
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->inputs()[0].type, ours);
    EXPECT_EQ(session->outputs()[0].type, ours);
  }
}

TEST(Session, RunsTheModel) {
  const auto session = open(add_ten());
  const Tensor output(ElementType::float32, {1, 2});
  const Result<void> done = run(*session, floats({1, 2}, {1, 2}), output);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_THAT(output.floats(), ElementsAre(11, 12));
}

TEST(Session, RunsBatchesOfAnySizeOnAnOpenAxis) {
  const auto session = open(add_ten());
  const Tensor output(ElementType::float32, {3, 2});
  ASSERT_TRUE(run(*session, floats({3, 2}, {1, 2, 3, 4, 5, 6}), output));
  EXPECT_THAT(output.floats(), ElementsAre(11, 12, 13, 14, 15, 16));
}

TEST(Session, RunsOnBytes) {
  TinyGraph graph;
  graph.input("x", {3}, onnx::TensorProto::UINT8).output("y", {3}, onnx::TensorProto::UINT8);
  graph.node("Identity", {"x"}, "y");
  const auto session = open(graph.bytes());
  const Tensor input(ElementType::uint8, {3});
  const Tensor output(ElementType::uint8, {3});
  std::memcpy(input.view().data, "abc", 3);
  ASSERT_TRUE(run(*session, input, output));
  EXPECT_EQ(std::memcmp(output.view().data, "abc", 3), 0);
}

TEST(Session, TellsTheShapesOfTheOutputs) {
  const auto session = open(add_ten());
  const Result<std::vector<Shape>> shapes = session->output_shapes(std::vector{Shape{5, 2}});
  ASSERT_TRUE(shapes) << shapes.error().message();
  EXPECT_THAT(*shapes, ElementsAre(Shape{5, 2}));
}

TEST(Session, OutputShapesOfAnotherNumberOfInputsAreRefused) {
  const auto session = open(add_ten());
  const Result<std::vector<Shape>> shapes = session->output_shapes({});
  ASSERT_FALSE(shapes);
  EXPECT_EQ(shapes.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(shapes.error().message(), AllOf(HasSubstr("'tiny'"), HasSubstr("0 inputs")));
}

TEST(Session, OutputShapesOfAnOpenShapeAreRefused) {
  const auto session = open(add_ten());
  for (const Shape& shape : {Shape{-1, 2}, Shape{0, 2}}) {
    const Result<std::vector<Shape>> shapes = session->output_shapes(std::vector{shape});
    ASSERT_FALSE(shapes);
    EXPECT_EQ(shapes.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(shapes.error().message(), AllOf(HasSubstr("'tiny'"), HasSubstr(to_string(shape))));
  }
}

TEST(Session, OutputShapesOfAShapeThatTheModelDoesNotTakeAreRefused) {
  const auto session = open(add_ten());
  const Result<std::vector<Shape>> shapes = session->output_shapes(std::vector{Shape{1, 3}});
  ASSERT_FALSE(shapes);
  EXPECT_EQ(shapes.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(shapes.error().message(), HasSubstr("'tiny'"));
}

TEST(Session, NamesTheModelThatDoesNotTakeTheShape) {
  const auto session = open(add_ten());
  const Result<void> done =
      run(*session, floats({1, 3}, {1, 2, 3}), Tensor(ElementType::float32, {1, 3}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(done.error().message(), HasSubstr("running model 'tiny'"));
}

TEST(Session, RefusesAnOutputOfAnotherShape) {
  const auto session = open(add_ten());
  const Result<void> done =
      run(*session, floats({1, 2}, {1, 2}), Tensor(ElementType::float32, {2, 2}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument);
}

TEST(Session, RefusesAnotherElementType) {
  const auto session = open(add_ten());
  const Result<void> done =
      run(*session, Tensor(ElementType::uint8, {1, 2}), Tensor(ElementType::float32, {1, 2}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument);
}

TEST(Session, RefusesAnotherNumberOfTensors) {
  const auto session = open(add_ten());
  Stream stream;
  const Result<void> done = session->run({}, {}, stream);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(done.error().message(), AllOf(HasSubstr("'tiny'"), HasSubstr("0 inputs")));
}

TEST(Session, RunsAgainAfterARunThatFailed) {
  const auto session = open(add_ten());
  const Tensor output(ElementType::float32, {1, 2});
  ASSERT_FALSE(run(*session, floats({1, 3}, {1, 2, 3}), output));
  ASSERT_TRUE(run(*session, floats({1, 2}, {1, 2}), output));
  EXPECT_THAT(output.floats(), ElementsAre(11, 12));
}

TEST(Session, NamesTheModelThatIsCutShort) {
  const std::vector<std::byte> model = add_ten();
  const Error error = error_of_opening(std::span(model).first(model.size() / 2));
  EXPECT_EQ(error.code(), ErrorCode::corrupt_input);
  EXPECT_THAT(error.message(), HasSubstr("loading model 'tiny'"));
}

TEST(Session, NamesTheModelThatIsNotOnnx) {
  const Error error = error_of_opening(bytes_of("this is a text, not a model"));
  EXPECT_EQ(error.code(), ErrorCode::corrupt_input);
  EXPECT_THAT(error.message(), HasSubstr("loading model 'tiny'"));
}

TEST(Session, NamesTheModelThatIsEmpty) {
  const Error error = error_of_opening({});
  EXPECT_EQ(error.code(), ErrorCode::corrupt_input);
  EXPECT_THAT(error.message(), HasSubstr("loading model 'tiny'"));
}

TEST(Session, NamesTheOperatorThatOnnxRuntimeDoesNotKnow) {
  TinyGraph graph;
  graph.input("x", {2}).output("y", {2}).node("Frobnicate", {"x"}, "y");
  const Error error = error_of_opening(graph.bytes());
  EXPECT_EQ(error.code(), ErrorCode::corrupt_input);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("'tiny'"), HasSubstr("Frobnicate")));
}

TEST(Session, RefusesElementsThatATensorCannotHave) {
  TinyGraph graph;
  graph.input("x", {2}, onnx::TensorProto::DOUBLE).output("y", {2}, onnx::TensorProto::DOUBLE);
  graph.node("Identity", {"x"}, "y");
  const Error error = error_of_opening(graph.bytes());
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("'tiny'"), HasSubstr("'x'"), HasSubstr("float32")));
}

TEST(Session, RefusesMoreAxesThanAShapeCanHave) {
  TinyGraph graph;
  graph.input("x", {1, 1, 1, 1, 1, 1, 2}).output("y", {1, 1, 1, 1, 1, 1, 2});
  graph.node("Identity", {"x"}, "y");
  const Error error = error_of_opening(graph.bytes());
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("'x'"), HasSubstr("7 axes")));
}

TEST(Session, RefusesADeviceOtherThanTheCpu) {
  const Result<std::unique_ptr<Session>> session =
      Session::create("tiny", add_ten(), {.device = {.kind = Device::Kind::cuda}});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(session.error().message(), HasSubstr("'tiny'"));
}

TEST(Session, OutlivesTheBytesThatItWasMadeOf) {
  std::vector<std::byte> model = add_ten();
  const auto session = open(model);
  std::ranges::fill(model, std::byte{0xff});
  const Tensor output(ElementType::float32, {1, 2});
  ASSERT_TRUE(run(*session, floats({1, 2}, {1, 2}), output));
  EXPECT_THAT(output.floats(), ElementsAre(11, 12));
}

TEST(Session, IsSharedByThreads) {
  const auto session = open(add_ten());
  constexpr int kThreads = 4;
  std::vector<int> wrong(kThreads, 0);
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&session, &bad = wrong[static_cast<std::size_t>(t)], t] {
        const Tensor output(ElementType::float32, {1, 2});
        for (int i = 0; i < 100; ++i) {
          const auto value = static_cast<float>(1000 * t + i);
          const Result<void> done = run(*session, floats({1, 2}, {value, -value}), output);
          if (!done || output.floats()[0] != value + 10 || output.floats()[1] != 10 - value) ++bad;
        }
      });
    }
  }
  EXPECT_THAT(wrong, testing::Each(0));
}

}  // namespace
}  // namespace retinue
