/// How each operator of TensorFlow Lite is written as ONNX. Private to this module.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "models/tflite_graph.hpp"

namespace retinue {

/// How one operator is written. Its first `inputs` inputs are there when `write` is called.
struct TfliteRule {
  std::string_view name;  ///< As in the schema: "CONV_2D".
  std::size_t inputs;
  Result<void> (*write)(TfliteGraph& graph, const TfliteOperator& op);
};

/// Operators that treat every element alike, and do not see the order of axes.
std::span<const TfliteRule> tflite_elementwise_rules();

/// Operators whose window slides over a picture, or that change its size.
std::span<const TfliteRule> tflite_window_rules();

/// Operators that name axes or places along them.
std::span<const TfliteRule> tflite_axis_rules();

inline tl::unexpected<Error> unsupported_operator(const std::string& what) {
  return fail(ErrorCode::unsupported, what);
}

inline tl::unexpected<Error> corrupt_operator(const std::string& what) {
  return fail(ErrorCode::corrupt_input, what);
}

}  // namespace retinue
