// Any bytes at all are read as a TensorFlow Lite file.
#include <cstddef>
#include <cstdint>
#include <span>

#include "model_formats_fuzz.hpp"
#include "models/model_source.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  retinue::ModelSource source;
  source.format = retinue::ModelFormat::tflite;
  source.bytes.assign(bytes.begin(), bytes.end());
  retinue::check_onnx_form(retinue::onnx_form(source));
  return 0;
}
