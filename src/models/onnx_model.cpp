#include "models/onnx_model.hpp"

#include <bit>
#include <cstring>
#include <type_traits>
#include <unordered_set>
#include <utility>

namespace retinue {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::size_t kMaxModelBytes = std::size_t{1} << 30;

/// Bytes an element takes in raw_data; nullopt: strings, or a type this version does not know.
std::optional<std::uint64_t> element_bytes(std::int32_t type) {
  switch (type) {
    case onnx::TensorProto::BOOL:
    case onnx::TensorProto::INT8:
    case onnx::TensorProto::UINT8:
      return 1;
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16:
    case onnx::TensorProto::INT16:
    case onnx::TensorProto::UINT16:
      return 2;
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::INT32:
    case onnx::TensorProto::UINT32:
      return 4;
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::INT64:
    case onnx::TensorProto::UINT64:
    case onnx::TensorProto::COMPLEX64:
      return 8;
    case onnx::TensorProto::COMPLEX128:
      return 16;
    default:
      return std::nullopt;
  }
}

/// Nullopt: a negative extent, or a product beyond what a file of this size can hold.
std::optional<std::uint64_t> element_count(const onnx::TensorProto& tensor) {
  std::uint64_t count = 1;
  for (const std::int64_t extent : tensor.dims()) {
    if (extent < 0) return std::nullopt;
    const auto size = static_cast<std::uint64_t>(extent);
    if (size != 0 && count > kMaxModelBytes / size) return std::nullopt;
    count *= size;
  }
  return count;
}

/// How many elements the typed fields hold, for the types that are read here.
std::uint64_t typed_element_count(const onnx::TensorProto& tensor) {
  switch (tensor.data_type()) {
    case onnx::TensorProto::FLOAT:
      return static_cast<std::uint64_t>(tensor.float_data_size());
    case onnx::TensorProto::INT64:
      return static_cast<std::uint64_t>(tensor.int64_data_size());
    case onnx::TensorProto::DOUBLE:
      return static_cast<std::uint64_t>(tensor.double_data_size());
    case onnx::TensorProto::UINT32:
    case onnx::TensorProto::UINT64:
      return static_cast<std::uint64_t>(tensor.uint64_data_size());
    default:
      return static_cast<std::uint64_t>(tensor.int32_data_size());
  }
}

Result<void> check_constant(const onnx::TensorProto& tensor) {
  const std::string what = "constant '" + tensor.name() + "'";
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    return fail(ErrorCode::unsupported,
                what + " lies in another file: a model must be one file with all its weights");
  }
  const std::optional<std::uint64_t> count = element_count(tensor);
  if (!count) {
    return fail(ErrorCode::corrupt_input, what + " has a shape that no file can hold");
  }
  const std::optional<std::uint64_t> size = element_bytes(tensor.data_type());
  if (!size) return {};
  const bool complex = tensor.data_type() == onnx::TensorProto::COMPLEX64 ||
                       tensor.data_type() == onnx::TensorProto::COMPLEX128;
  const bool whole = tensor.has_raw_data() ? tensor.raw_data().size() == *count * *size
                                           : complex || typed_element_count(tensor) == *count;
  if (!whole) {
    return fail(ErrorCode::corrupt_input,
                what + " should hold " + std::to_string(*count) +
                    " elements by its shape, but its data are of another length");
  }
  return {};
}

using Names = std::unordered_set<std::string_view>;

/// Adds the inputs and constants to `made`. A constant may have the name of an input: old files
/// list their constants as inputs too.
Result<void> check_constants(const onnx::GraphProto& graph, Names& made) {
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (!made.insert(input.name()).second) {
      return fail(ErrorCode::corrupt_input, "the input '" + input.name() + "' is there twice");
    }
  }
  Names constants;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    TRY(check_constant(tensor));
    if (!constants.insert(tensor.name()).second) {
      return fail(ErrorCode::corrupt_input, "the constant '" + tensor.name() + "' is there twice");
    }
    made.insert(tensor.name());
  }
  for (const onnx::SparseTensorProto& tensor : graph.sparse_initializer()) {
    made.insert(tensor.values().name());
  }
  return {};
}

/// Checks what a node reads against `made`, and adds what it makes.
Result<void> check_node(const onnx::NodeProto& node, Names& made) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.has_t()) TRY(check_constant(attribute.t()));
  }
  for (const std::string& input : node.input()) {
    if (!input.empty() && !made.contains(input)) {
      return fail(ErrorCode::corrupt_input,
                  description(node) + " reads '" + input + "', which nothing before it makes");
    }
  }
  if (node.output_size() == 0 || node.output(0).empty()) {
    return fail(ErrorCode::corrupt_input, description(node) + " makes nothing");
  }
  for (const std::string& output : node.output()) {
    if (!output.empty() && !made.insert(output).second) {
      return fail(ErrorCode::corrupt_input,
                  description(node) + " makes '" + output + "', which is there already");
    }
  }
  return {};
}

/// IEEE 754 binary16 to binary32; exact, subnormals and non-finite values included.
float float_from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 127 - 15;
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (fraction << 13));
}

template <typename T>
std::vector<T> raw_elements(const std::string& raw) {
  std::vector<T> elements(raw.size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), raw.data(), elements.size() * sizeof(T));
  return elements;
}

template <typename T>
onnx::TensorProto make_tensor(std::string name, onnx::TensorProto::DataType type,
                              std::span<const std::int64_t> shape, std::span<const T> elements) {
  onnx::TensorProto tensor;
  tensor.set_name(std::move(name));
  tensor.set_data_type(type);
  for (const std::int64_t extent : shape)
    tensor.add_dims(extent);
  std::string raw(elements.size_bytes(), '\0');
  if (!raw.empty()) std::memcpy(raw.data(), elements.data(), raw.size());
  tensor.set_raw_data(std::move(raw));
  return tensor;
}

}  // namespace

Result<onnx::ModelProto> parse_onnx(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxModelBytes) {
    return fail(ErrorCode::unsupported, "the model has " + std::to_string(bytes.size()) +
                                            " bytes: at most 1 GiB can be read");
  }
  onnx::ModelProto model;
  // The protobuf's own limit on nested messages (100) bounds the stack.
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(ErrorCode::corrupt_input, "not an ONNX model, or cut short: the protobuf of " +
                                              std::to_string(bytes.size()) +
                                              " bytes does not parse");
  }
  if (!model.has_ir_version() || !model.has_graph() || model.graph().node_size() == 0 ||
      model.graph().output_size() == 0) {
    return fail(ErrorCode::corrupt_input,
                "not an ONNX model, or cut short: there is no graph with operators and outputs");
  }
  return model;
}

Result<void> check_graph(const onnx::GraphProto& graph) {
  Names made;
  TRY(check_constants(graph, made));
  for (const onnx::NodeProto& node : graph.node()) {
    TRY(check_node(node, made));
  }
  for (const onnx::ValueInfoProto& output : graph.output()) {
    if (!made.contains(output.name())) {
      return fail(ErrorCode::corrupt_input, "nothing makes the output '" + output.name() + "'");
    }
  }
  return {};
}

std::optional<std::vector<float>> float_elements(const onnx::TensorProto& tensor) {
  if (tensor.data_type() == onnx::TensorProto::FLOAT) {
    if (tensor.has_raw_data()) return raw_elements<float>(tensor.raw_data());
    return std::vector<float>(tensor.float_data().begin(), tensor.float_data().end());
  }
  if (tensor.data_type() != onnx::TensorProto::FLOAT16) return std::nullopt;
  std::vector<float> elements;
  if (tensor.has_raw_data()) {
    for (const std::uint16_t half : raw_elements<std::uint16_t>(tensor.raw_data())) {
      elements.push_back(float_from_half(half));
    }
  } else {
    for (const std::int32_t half : tensor.int32_data()) {
      elements.push_back(float_from_half(static_cast<std::uint16_t>(half)));
    }
  }
  return elements;
}

std::optional<std::vector<std::int64_t>> int64_elements(const onnx::TensorProto& tensor) {
  if (tensor.data_type() != onnx::TensorProto::INT64) return std::nullopt;
  if (tensor.has_raw_data()) return raw_elements<std::int64_t>(tensor.raw_data());
  return std::vector<std::int64_t>(tensor.int64_data().begin(), tensor.int64_data().end());
}

onnx::TensorProto make_float_tensor(std::string name, std::span<const std::int64_t> shape,
                                    std::span<const float> elements) {
  return make_tensor(std::move(name), onnx::TensorProto::FLOAT, shape, elements);
}

onnx::TensorProto make_int64_tensor(std::string name, std::span<const std::int64_t> elements) {
  const auto extent = static_cast<std::int64_t>(elements.size());
  return make_tensor(std::move(name), onnx::TensorProto::INT64, std::span(&extent, 1), elements);
}

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

std::int64_t int_attribute(const onnx::NodeProto& node, std::string_view name,
                           std::int64_t otherwise) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute != nullptr ? attribute->i() : otherwise;
}

std::vector<std::int64_t> ints_attribute(const onnx::NodeProto& node, std::string_view name) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  if (attribute == nullptr) return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

std::string description(const onnx::NodeProto& node) {
  return "node '" + node.name() + "' (" + node.op_type() + ")";
}

std::int64_t default_opset(const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
    if (set.domain().empty() || set.domain() == "ai.onnx") return set.version();
  }
  return 0;
}

}  // namespace retinue
