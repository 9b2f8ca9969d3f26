// Any bytes at all are read as a task bundle, and all the models in it.
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
  source.format = retinue::ModelFormat::bundle;
  source.bytes.assign(bytes.begin(), bytes.end());
  const auto members = retinue::bundle_members(source);
  constexpr std::size_t kMaxMembers = 16;
  for (std::size_t i = 0; members && i < members->size() && i < kMaxMembers; ++i)
    retinue::check_onnx_form(retinue::onnx_form(source, (*members)[i]));
  return 0;
}
