/// Runs one model as the program would, for bench/models/variants.py, which times it in turn with
/// its other forms.
///
///     model_server MODEL.onnx 1,3,256,256
///     model_server pose=MODEL.tflite 1,3,256,256
///
/// Imports MODEL, loads it, and prints how many floats its outputs have together, as a line. With a
/// task in front it is a model of any format, and outputs that the task does not read are left out;
/// else an ONNX file with all its outputs. Then
/// reads inputs of that shape, float32, from standard input until it ends, and answers each with
/// the milliseconds the run took, float64, and the outputs in the model's order, float32.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "infer/session.hpp"
#include "models/import.hpp"
#include "models/model_file.hpp"

namespace retinue {
namespace {

std::vector<std::byte> read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
  return {data, data + bytes.size()};
}

Shape parse_shape(const std::string& text) {
  std::vector<std::int64_t> extents;
  std::istringstream stream(text);
  for (std::string extent; std::getline(stream, extent, ',');)
    extents.push_back(std::stoll(extent));
  return Shape(extents);
}

/// The graph that runs for "FILE" or "TASK=FILE".
Result<std::vector<std::byte>> imported(const std::string& model) {
  const std::size_t equals = model.find('=');
  if (equals == std::string::npos) {
    ImportedModel whole = TRY(import_model(read_all(model)));
    return std::move(whole.graph);
  }
  const ModelTask task = TRY(parse_model_task(model.substr(0, equals)));
  ModelFile file =
      TRY(load_model(ModelStore(ModelStoreSettings{}), model.substr(equals + 1), task));
  return std::move(file.graph);
}

Result<void> serve(const std::string& model, const Shape& shape) {
  const std::vector<std::byte> graph = TRY(imported(model));
  const std::unique_ptr<Session> session = TRY(Session::create(model, graph));
  const std::vector<Shape> shapes = TRY(session->output_shapes({&shape, 1}));
  const Tensor input(ElementType::float32, shape);
  std::vector<Tensor> outputs;
  std::vector<TensorView> views;
  std::int64_t total = 0;
  for (const Shape& output : shapes) {
    views.push_back(outputs.emplace_back(ElementType::float32, output).view());
    total += output.element_count();
  }
  std::printf("%lld\n", static_cast<long long>(total));
  std::fflush(stdout);
  Stream stream;
  const TensorView in = input.view();
  while (std::fread(in.data, 1, in.size_bytes(), stdin) == in.size_bytes()) {
    const auto begin = std::chrono::steady_clock::now();
    TRY(session->run({&in, 1}, views, stream));
    const double ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    std::fwrite(&ms, sizeof ms, 1, stdout);
    for (const TensorView& view : views)
      std::fwrite(view.data, 1, view.size_bytes(), stdout);
    std::fflush(stdout);
  }
  return {};
}

}  // namespace
}  // namespace retinue

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: model_server [TASK=]MODEL 1,3,256,256\n", stderr);
    return 2;
  }
  const retinue::Result<void> done = retinue::serve(argv[1], retinue::parse_shape(argv[2]));
  if (!done) std::fprintf(stderr, "model_server: %s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
