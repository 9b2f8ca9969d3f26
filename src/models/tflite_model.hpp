/// Reading TensorFlow Lite files. Private to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/flat_buffer.hpp"
#include "models/onnx_builder.hpp"

namespace retinue {

/// Element types by their number in the schema; others are not read.
enum class TfliteType : std::int8_t {
  float32 = 0,
  float16 = 1,
  int32 = 2,
  uint8 = 3,
  int64 = 4,
  int8 = 9,
};

struct TfliteTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  TfliteType type = TfliteType::float32;
  std::span<const std::byte> data;  ///< In the file; empty: made when the model runs.
  std::vector<float> scales;        ///< Of quantised elements: one, or one for each channel.
  std::vector<std::int64_t> zero_points;
  std::size_t channel_axis = 0;
  FlatTable sparsity;

  /// True if its elements stand for real numbers: floats, or quantised.
  bool is_real() const;
};

struct TfliteOperator {
  std::int32_t code = 0;  ///< BuiltinOperator of the schema.
  std::string name;       ///< "CONV_2D"; of a custom operator its own name.
  std::int32_t version = 1;
  std::vector<std::int32_t> inputs;  ///< Tensors by number; -1: left out.
  std::vector<std::int32_t> outputs;
  FlatTable options;
};

/// A model with one graph. Borrows the file's bytes. Thread-bound.
///
/// Schema: tensorflow/lite/schema/schema.fbs, version 3 (TensorFlow, Apache-2.0).
class TfliteModel {
 public:
  /// Every number of a tensor in `operators`, `inputs` and `outputs` is checked.
  ///
  /// Errors  corrupt_input: no TensorFlow Lite file, cut short or damaged. unsupported: another
  ///         version of the schema, or several graphs.
  static Result<TfliteModel> read(std::span<const std::byte> bytes);

  const std::vector<TfliteTensor>& tensors() const { return tensors_; }
  const std::vector<TfliteOperator>& operators() const { return operators_; }
  const std::vector<std::int32_t>& inputs() const { return inputs_; }
  const std::vector<std::int32_t>& outputs() const { return outputs_; }

  /// A tensor's elements: quantised ones as real numbers, sparse ones with their zeros, float16 as
  /// float32. Nullopt: it is made when the model runs.
  ///
  /// Errors  corrupt_input: the data contradict the shape, or all constants together have more
  ///         elements than such a file can mean. unsupported: an element type that is not read.
  Result<std::optional<ConstantTensor>> constant(std::size_t tensor);

  /// True once an operator's options pointed outside the file.
  bool is_damaged() const { return buffer_->is_damaged(); }

 private:
  explicit TfliteModel(std::span<const std::byte> bytes);

  Result<void> read_tensors(const FlatTable& graph, const std::vector<FlatTable>& buffers);
  Result<void> read_operators(const FlatTable& model, const FlatTable& graph);
  Result<void> check_tensor_numbers(const std::vector<std::int32_t>& numbers, bool optional) const;

  std::unique_ptr<FlatBuffer> buffer_;  ///< Tables point at it.
  std::uint64_t elements_left_;         ///< That constants may still have.
  std::vector<TfliteTensor> tensors_;
  std::vector<TfliteOperator> operators_;
  std::vector<std::int32_t> inputs_;
  std::vector<std::int32_t> outputs_;
};

/// True if the bytes carry the mark of a TensorFlow Lite file.
bool is_tflite(std::span<const std::byte> bytes);

}  // namespace retinue
