/// What TensorFlow Lite's operators are called. Private to this module.
#pragma once

#include <cstdint>
#include <string>

namespace retinue {

/// "CONV_2D" by BuiltinOperator of the schema; of a custom operator its own name, `custom`. One
/// that is not known here is "number 150".
std::string tflite_operator_name(std::int32_t code, std::string custom);

}  // namespace retinue
