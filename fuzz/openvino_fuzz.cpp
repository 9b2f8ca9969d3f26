// Any bytes at all are read as an OpenVINO graph: up to a zero byte, and its weights behind it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "model_formats_fuzz.hpp"
#include "models/model_source.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto end = std::ranges::find(bytes, std::byte{0});
  retinue::ModelSource source;
  source.format = retinue::ModelFormat::openvino;
  source.bytes.assign(bytes.begin(), end);
  if (end != bytes.end()) source.weights.assign(end + 1, bytes.end());
  retinue::check_onnx_form(retinue::onnx_form(source));
  return 0;
}
