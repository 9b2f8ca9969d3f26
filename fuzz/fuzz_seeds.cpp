// Writes fuzz/corpus/<target>/seed: `fuzz_seeds fuzz/corpus` once, after a change of this file.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "models/tiny_openvino.hpp"
#include "models/tiny_tflite.hpp"

namespace {

using retinue::TinyTable;
using retinue::TinyTflite;
using retinue::TinyType;

void write(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A convolution with float16, one with int8 weights, PRELU, PAD, MEAN, STRIDED_SLICE.
std::vector<std::byte> tflite_model() {
  TinyTflite model;
  const auto x = model.value("x", {1, 4, 4, 2});
  const auto w = model.constant<std::uint16_t>("w", {2, 1, 1, 2}, TinyType::float16,
                                               {0x3c00, 0xbc00, 0x3800, 0x4000});
  const auto wide = model.value("wide", {2, 1, 1, 2});
  const auto conv = model.value("conv", {1, 2, 2, 2});
  const auto d = model.constant<std::int8_t>("d", {1, 3, 3, 2}, TinyType::int8,
                                             std::vector<std::int8_t>(18, 3));
  model.last_tensor().table(4,
                            TinyTable().vector<float>(2, {0.5F, 2.0F}).scalar(6, std::int32_t{3}));
  const auto deep = model.value("deep", {1, 2, 2, 2});
  const auto s = model.constant<float>("s", {1, 1, 2}, TinyType::float32, {0.25F, -1.0F});
  const auto p = model.value("p", {1, 2, 2, 2});
  const auto pads =
      model.constant<std::int32_t>("pads", {4, 2}, TinyType::int32, {0, 0, 0, 0, 0, 0, 0, 2});
  const auto padded = model.value("padded", {1, 2, 2, 4});
  const auto axes = model.constant<std::int32_t>("axes", {2}, TinyType::int32, {1, 2});
  const auto mean = model.value("mean", {1, 1, 1, 4});
  const auto flat = model.value("flat", {1, 4});
  const auto zero = model.constant<std::int32_t>("zero", {2}, TinyType::int32, {0, 1});
  const auto end = model.constant<std::int32_t>("end", {2}, TinyType::int32, {1, 3});
  const auto step = model.constant<std::int32_t>("step", {2}, TinyType::int32, {1, 1});
  const auto y = model.value("y", {1, 2});
  const TinyTable window =
      TinyTable().scalar(0, std::int8_t{0}).scalar(1, std::int32_t{2}).scalar(2, std::int32_t{2});
  const TinyTable depthwise =
      TinyTable().scalar(0, std::int8_t{0}).scalar(1, std::int32_t{1}).scalar(2, std::int32_t{1});
  model.op(6, {w}, {wide}).op(3, {x, wide}, {conv}, window).op(4, {conv, d}, {deep}, depthwise);
  model.op(54, {deep, s}, {p}).op(34, {p, pads}, {padded});
  model.op(40, {padded, axes}, {mean}, TinyTable().scalar(0, std::uint8_t{1}));
  model.op(22, {mean}, {flat}).op(45, {flat, zero, end, step}, {y});
  return model.bytes({x}, {y});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  write(folder / "tflite_fuzz/seed", text_of(tflite_model()));
  write(folder / "zip_fuzz/seed",
        text_of(retinue::tiny_zip(
            {{"a.tflite", tflite_model(), true}, {"b.tflite", tflite_model()}}, 2)));
  write(folder / "openvino_fuzz/seed",
        retinue::tiny_openvino_xml() + '\0' + retinue::tiny_openvino_weights());
  return 0;
}
