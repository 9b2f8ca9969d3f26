/// Networks before and after their import, to compare what ONNX Runtime computes of both.
#pragma once

#include <algorithm>
#include <cmath>
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

/// Between -scale and scale, the same in every run.
inline std::vector<float> numbers(std::int64_t count, float scale, std::uint32_t seed) {
  std::minstd_rand random(seed);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values)
    value = uniform(random);
  return values;
}

/// The outputs of a graph for `rows` random pictures in one batch.
inline std::vector<float> run(std::span<const std::byte> graph, const Shape& shape) {
  const Result<std::unique_ptr<Session>> session = Session::create("network", graph);
  if (!session) {
    ADD_FAILURE() << session.error().message();
    return {};
  }
  const Tensor input(ElementType::float32, shape);
  std::ranges::copy(numbers(shape.element_count(), 1.0F, 99), input.floats().begin());
  std::vector<Tensor> outputs;
  std::vector<TensorView> views;
  const Result<std::vector<Shape>> shapes = (*session)->output_shapes({&shape, 1});
  if (!shapes) {
    ADD_FAILURE() << shapes.error().message();
    return {};
  }
  for (const Shape& output : *shapes)
    views.push_back(outputs.emplace_back(ElementType::float32, output).view());
  Stream stream;
  const TensorView in = input.view();
  EXPECT_TRUE((*session)->run({&in, 1}, views, stream));
  std::vector<float> all;
  for (const TensorView& view : views)
    all.insert(all.end(), view.floats().begin(), view.floats().end());
  return all;
}

inline void expect_near(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  float largest = 1.0F;
  for (const float value : expected)
    largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(actual[i], expected[i], 1e-5F * largest) << "at " << i;
}

/// Imports a network, expects ONNX Runtime to compute the same of both, and returns what it became.
inline onnx::ModelProto expect_same_values(const TinyGraph& network, const Shape& shape) {
  const std::vector<std::byte> bytes = network.bytes();
  const Result<ImportedModel> imported = import_model(bytes);
  if (!imported) {
    ADD_FAILURE() << imported.error().message();
    return {};
  }
  expect_near(run(imported->graph, shape), run(bytes, shape));
  return parse_model(imported->graph);
}

}  // namespace retinue
