/// What a model file says about its inputs and outputs, read without running it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace retinue {

/// Element types as ONNX names them; `other` stands for those that no family here uses.
enum class ModelElementType { float32, float16, int64, int32, uint8, other };

std::string_view name_of(ModelElementType type);

/// Errors  invalid_argument: not "float32", "float16", "int64", "int32" or "uint8".
Result<ModelElementType> parse_model_element_type(std::string_view name);

/// One axis of an input or output.
struct ModelAxis {
  std::optional<std::int64_t> size;  ///< Absent: open, any size.
  std::string symbol;                ///< Name of an open axis; may be empty.
};

struct ModelTensor {
  std::string name;
  ModelElementType element = ModelElementType::other;
  std::vector<ModelAxis> axes;  ///< Outermost first.

  /// "input float32 [batch, 3, 256, 256]"; an open axis without a name is "?".
  std::string description() const;
};

struct ModelSignature {
  std::vector<ModelTensor> inputs;  ///< Without the graph's constants.
  std::vector<ModelTensor> outputs;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< Key, value, in the file's order.
  std::string producer;                                       ///< "pytorch", "tf2onnx", …
  std::int64_t opset = 0;                                     ///< Of the default domain.
  /// Operators on the way from the last convolutions or matrix products to the outputs, by type,
  /// sorted: what a graph does to its heads itself.
  std::vector<std::string> tail_operators;

  bool has_tail_operator(std::string_view type) const;

  /// "input float32 [1, 3, 640, 640] -> cls_8 float32 [1, 6400, 1], …".
  std::string description() const;
};

/// Reads the signature of an ONNX file's bytes. Never crashes, whatever they are.
///
/// Errors  corrupt_input: not an ONNX model, or cut short.
Result<ModelSignature> read_signature(std::span<const std::byte> model);

}  // namespace retinue
