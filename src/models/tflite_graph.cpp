#include "models/tflite_graph.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "models/tflite_operators.hpp"

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;

constexpr std::uint64_t kMaxElementsPerByte = 32;
constexpr std::uint64_t kElementsOfAnyFile = std::uint64_t{1} << 21;

Extents four_axes(Extents shape) {
  shape.insert(shape.begin(), 4 - shape.size(), 1);
  return shape;
}

}  // namespace

Extents planar_shape(const Extents& shape) {
  return {shape[0], shape[3], shape[1], shape[2]};
}

std::int64_t product_of(const Extents& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

TfliteGraph::TfliteGraph(TfliteModel model, std::size_t file_bytes)
    : model_(std::move(model)),
      values_(model_.tensors().size()),
      constants_(model_.tensors().size()),
      elements_left_(file_bytes * kMaxElementsPerByte + kElementsOfAnyFile),
      builder_("TensorFlow Lite") {}

const TfliteTensor& TfliteGraph::tensor(std::int32_t number) const {
  return model_.tensors()[static_cast<std::size_t>(number)];
}

bool TfliteGraph::is_real_value(std::int32_t number) const {
  const TfliteTensor& source = tensor(number);
  return source.is_real() || source.type == TfliteType::uint8 || source.type == TfliteType::int8;
}

bool TfliteGraph::is_planar(std::int32_t number) const {
  return !value(number).planar.empty();
}

bool TfliteGraph::prefers_planar(const TfliteOperator& op) const {
  return rank(op.outputs[0]) == 4 && std::ranges::any_of(op.inputs, [&](std::int32_t number) {
           return number >= 0 && is_planar(number);
         });
}

Result<void> TfliteGraph::add_inputs() {
  for (const std::int32_t number : model_.inputs()) {
    const TfliteTensor& input = tensor(number);
    if (!is_real_value(number)) {
      return unsupported_operator("the input '" + input.name +
                                  "' is neither float nor uint8 nor int8");
    }
    TRY(check_unmade(number));
    if (input.shape.size() == 4) {
      value(number).planar = builder_.add_input(input.name, planar_shape(input.shape));
    } else {
      value(number).file = builder_.add_input(input.name, input.shape);
    }
  }
  return {};
}

Result<void> TfliteGraph::add_outputs() {
  for (const std::int32_t number : model_.outputs()) {
    const std::string name = TRY(file_order(number));
    const TfliteTensor& output = tensor(number);
    int type = onnx::TensorProto::FLOAT;
    if (!is_real_value(number)) {
      type = output.type == TfliteType::int64 ? onnx::TensorProto::INT64 : onnx::TensorProto::INT32;
    }
    builder_.add_output(name, output.name, output.shape, type);
  }
  return {};
}

Result<const ConstantTensor*> TfliteGraph::constant(std::int32_t number) {
  Constant& known = known_constant(number);
  if (known.same_as) return constant(*known.same_as);
  if (!known.elements) {
    known.elements = TRY(model_.constant(static_cast<std::size_t>(number)));
  }
  return known.elements ? &*known.elements : nullptr;
}

Result<std::string> TfliteGraph::add_constant(const ConstantTensor& elements) {
  if (elements.size() > elements_left_) {
    return corrupt_operator("all constants together are larger than the file can mean");
  }
  elements_left_ -= elements.size();
  return builder_.add_constant(elements);
}

Result<const ConstantTensor*> TfliteGraph::needed_constant(const TfliteOperator& op,
                                                           std::size_t input, bool real) {
  const ConstantTensor* found = TRY(constant(op.inputs[input]));
  if (found == nullptr) {
    return unsupported_operator("'" + tensor(op.inputs[input]).name + "' is no constant");
  }
  if (real != (found->kind == ConstantTensor::Kind::real)) {
    return corrupt_operator("'" + tensor(op.inputs[input]).name + "' has another element type");
  }
  return found;
}

Result<const ConstantTensor*> TfliteGraph::real_constant(const TfliteOperator& op,
                                                         std::size_t input) {
  return needed_constant(op, input, true);
}

Result<Extents> TfliteGraph::integers(const TfliteOperator& op, std::size_t input) {
  const ConstantTensor* found = TRY(needed_constant(op, input, false));
  return found->integers;
}

Result<std::string> TfliteGraph::file_order(std::int32_t number) {
  Value& made = value(number);
  if (made.file.empty() && !made.planar.empty()) {
    made.file = builder_.transpose(made.planar, kFileFromPlanar);
  }
  if (!made.file.empty()) return made.file;
  const ConstantTensor* found = TRY(constant(number));
  if (found == nullptr) return corrupt_operator("nothing makes '" + tensor(number).name + "'");
  std::string& name = known_constant(number).file;
  if (name.empty()) name = TRY(add_constant(*found));
  return name;
}

Result<std::string> TfliteGraph::planar_order(std::int32_t number) {
  Value& made = value(number);
  if (!made.planar.empty()) return made.planar;
  if (rank(number) > 4) return corrupt_operator("'" + tensor(number).name + "' has too many axes");
  if (made.file.empty()) return planar_constant(number);
  if (rank(number) == 4) {
    made.planar = builder_.transpose(made.file, kPlanarFromFile);
    return made.planar;
  }
  const std::string reshaped =
      builder_.add("Reshape", {made.file, builder_.add_integers(four_axes(shape(number)))});
  return builder_.transpose(reshaped, kPlanarFromFile);
}

Result<std::string> TfliteGraph::planar_constant(std::int32_t number) {
  const ConstantTensor* found = TRY(constant(number));
  if (found == nullptr) return corrupt_operator("nothing makes '" + tensor(number).name + "'");
  std::string& name = known_constant(number).planar;
  if (!name.empty()) return name;
  ConstantTensor broadcast = *found;
  broadcast.shape = four_axes(std::move(broadcast.shape));
  name = TRY(add_constant(transposed(broadcast, kPlanarFromFile)));
  return name;
}

Result<void> TfliteGraph::set(std::int32_t number, std::string name, bool planar) {
  TRY(check_unmade(number));
  (planar ? value(number).planar : value(number).file) = std::move(name);
  return {};
}

Result<void> TfliteGraph::set_same_constant(std::int32_t number, std::int32_t source) {
  TRY(check_unmade(number));
  known_constant(number).same_as = known_constant(source).same_as.value_or(source);
  return {};
}

Result<void> TfliteGraph::check_unmade(std::int32_t number) {
  const Constant& known = known_constant(number);
  const bool made = !value(number).file.empty() || !value(number).planar.empty() || known.same_as ||
                    known.elements || !tensor(number).data.empty();
  if (made) return corrupt_operator("'" + tensor(number).name + "' is made twice");
  return {};
}

Result<std::string> TfliteGraph::activated(const std::string& value, std::int8_t activation) {
  switch (activation) {
    case 0:
      return value;
    case 1:
      return builder_.add("Relu", {value});
    case 3:
      return clipped_to_6(value);
    case 4:
      return builder_.add("Tanh", {value});
    default:
      return unsupported_operator("the fused activation " + std::to_string(activation) +
                                  " is not supported");
  }
}

std::string TfliteGraph::clipped_to_6(const std::string& value) {
  return builder_.add("Clip", {value, builder_.add_scalar(0.0F), builder_.add_scalar(6.0F)});
}

}  // namespace retinue
