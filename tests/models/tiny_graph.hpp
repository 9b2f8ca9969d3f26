/// Small ONNX models, built and evaluated in a test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <onnx/onnx_pb.h>

namespace retinue {

/// Builds a model node by node; opset 13, one graph.
class TinyGraph {
 public:
  TinyGraph();

  TinyGraph& input(const std::string& name, std::initializer_list<std::int64_t> shape,
                   int type = onnx::TensorProto::FLOAT);
  TinyGraph& output(const std::string& name, std::initializer_list<std::int64_t> shape,
                    int type = onnx::TensorProto::FLOAT);
  TinyGraph& constant(const std::string& name, std::initializer_list<std::int64_t> shape,
                      const std::vector<float>& elements);
  TinyGraph& integers(const std::string& name, const std::vector<std::int64_t>& elements);
  TinyGraph& node(const std::string& op, std::initializer_list<std::string> inputs,
                  const std::string& output);
  /// Of the last node.
  TinyGraph& attribute(const std::string& name, std::int64_t value);
  TinyGraph& attribute(const std::string& name, std::initializer_list<std::int64_t> values);

  onnx::ModelProto& model() { return model_; }
  std::vector<std::byte> bytes() const;

 private:
  onnx::ModelProto model_;
};

/// A value [N, C, H, W] while a graph is evaluated.
struct TinyTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> elements;

  float& at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x);
  float at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const;
};

onnx::ModelProto parse_model(std::span<const std::byte> bytes);

/// The plain definition of the operators that the tests here use: Relu, LeakyRelu, PRelu, Min, Mul,
/// Add, Conv (stride 1), Pad. Throws on any other.
TinyTensor evaluate(const onnx::ModelProto& model, const TinyTensor& input);

/// How many nodes do `op`.
int count_nodes(const onnx::ModelProto& model, std::string_view op);

}  // namespace retinue
