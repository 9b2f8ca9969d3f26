// Any bytes at all are read as a file of OpenFace's: a shape model (text or MAT-file), a predictor.
#include <cstddef>
#include <cstdint>
#include <span>

#include "face/openface_predictors.hpp"
#include "face/shape_model.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  static_cast<void>(retinue::ShapeModel::read(bytes, "fuzz"));
  static_cast<void>(retinue::OpenFacePredictor::parse(bytes, "AU_12_fuzz.dat"));
  return 0;
}
