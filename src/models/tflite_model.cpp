#include "models/tflite_model.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "models/tflite_operator_names.hpp"
#include "models/tflite_sparsity.hpp"

namespace retinue {
namespace {

constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kMaxRank = 8;
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 24;
constexpr std::int64_t kMaxElements = std::int64_t{1} << 32;
constexpr std::int32_t kPlaceholder = 127;  ///< The code stands in the newer, wider field.
/// Sparse weights have at most so many elements for each byte of the file.
constexpr std::uint64_t kMaxElementsPerByte = 16;
constexpr std::uint64_t kElementsOfAnyFile = std::uint64_t{1} << 20;

using Extents = std::vector<std::int64_t>;

tl::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::corrupt_input, "the TensorFlow Lite file is damaged: " + what);
}

/// Nullopt: not read.
std::optional<std::size_t> bytes_of(TfliteType type) {
  switch (type) {
    case TfliteType::uint8:
    case TfliteType::int8:
      return 1;
    case TfliteType::float16:
      return 2;
    case TfliteType::float32:
    case TfliteType::int32:
      return 4;
    case TfliteType::int64:
      return 8;
  }
  return std::nullopt;
}

std::string quoted(const TfliteTensor& tensor) {
  return "tensor '" + tensor.name + "'";
}

template <typename T>
std::vector<T> copied(std::span<const std::byte> data) {
  std::vector<T> elements(data.size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), data.data(), elements.size() * sizeof(T));
  return elements;
}

std::vector<float> from_half(std::span<const std::byte> data) {
  onnx::TensorProto halves;
  halves.set_data_type(onnx::TensorProto::FLOAT16);
  halves.set_raw_data(data.data(), data.size());
  return *float_elements(halves);
}

/// The stored elements, in the file's order, before dequantisation.
ConstantTensor stored_elements(const TfliteTensor& tensor) {
  ConstantTensor stored;
  const auto take_integers = [&](const auto& elements) {
    stored.kind = tensor.type == TfliteType::int64 ? ConstantTensor::Kind::int64
                                                   : ConstantTensor::Kind::int32;
    stored.integers.assign(elements.begin(), elements.end());
  };
  switch (tensor.type) {
    case TfliteType::float32:
      stored.reals = copied<float>(tensor.data);
      break;
    case TfliteType::float16:
      stored.reals = from_half(tensor.data);
      break;
    case TfliteType::int32:
      take_integers(copied<std::int32_t>(tensor.data));
      break;
    case TfliteType::int64:
      take_integers(copied<std::int64_t>(tensor.data));
      break;
    case TfliteType::uint8:
      take_integers(copied<std::uint8_t>(tensor.data));
      break;
    case TfliteType::int8:
      take_integers(copied<std::int8_t>(tensor.data));
      break;
  }
  return stored;
}

/// real = (stored − zero point) · scale; false: the parameters contradict the shape.
bool dequantise(const TfliteTensor& tensor, ConstantTensor& constant) {
  const std::size_t channels = tensor.scales.size();
  std::size_t inner = 1;  // elements of one channel in a row
  if (channels > 1) {
    const bool fits = tensor.channel_axis < tensor.shape.size() &&
                      tensor.shape[tensor.channel_axis] == static_cast<std::int64_t>(channels);
    if (!fits) return false;
    for (std::size_t axis = tensor.channel_axis + 1; axis < tensor.shape.size(); ++axis)
      inner *= static_cast<std::size_t>(tensor.shape[axis]);
  }
  const std::vector<std::int64_t>& zeros = tensor.zero_points;
  if (zeros.size() > 1 && zeros.size() != channels) return false;
  constant.reals.reserve(constant.integers.size());
  for (std::size_t i = 0; i < constant.integers.size(); ++i) {
    const std::size_t channel = channels > 1 ? i / inner % channels : 0;
    const std::int64_t zero = zeros.empty() ? 0 : zeros[zeros.size() > 1 ? channel : 0];
    // Both are small; a damaged zero point may not be.
    const float distance = static_cast<float>(constant.integers[i]) - static_cast<float>(zero);
    constant.reals.push_back(distance * tensor.scales[channel]);
  }
  constant.integers.clear();
  constant.kind = ConstantTensor::Kind::real;
  return true;
}

}  // namespace

bool is_tflite(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 && std::memcmp(bytes.data() + 4, "TFL3", 4) == 0;
}

bool TfliteTensor::is_real() const {
  return type == TfliteType::float32 || type == TfliteType::float16 || !scales.empty();
}

TfliteModel::TfliteModel(std::span<const std::byte> bytes)
    : buffer_(std::make_unique<FlatBuffer>(bytes)),
      elements_left_(bytes.size() * kMaxElementsPerByte + kElementsOfAnyFile) {}

Result<void> TfliteModel::check_tensor_numbers(const std::vector<std::int32_t>& numbers,
                                               bool optional) const {
  for (const std::int32_t number : numbers) {
    const bool left_out = optional && number == -1;
    if (!left_out && (number < 0 || static_cast<std::size_t>(number) >= tensors_.size())) {
      return corrupt("there is no tensor " + std::to_string(number));
    }
  }
  return {};
}

Result<void> TfliteModel::read_tensors(const FlatTable& graph,
                                       const std::vector<FlatTable>& buffers) {
  for (const FlatTable& table : graph.tables(0)) {
    TfliteTensor tensor;
    tensor.name = table.text(3);
    const auto shape = table.vector<std::int32_t>(0);
    tensor.shape.assign(shape.begin(), shape.end());
    tensor.type = static_cast<TfliteType>(table.scalar<std::int8_t>(1, 0));
    const bool sane =
        shape.size() <= kMaxRank && std::ranges::all_of(tensor.shape, [](std::int64_t extent) {
          return extent >= 0 && extent <= kMaxExtent;
        });
    std::int64_t most = 1;  // with an extent of 0 counted as 1
    for (std::size_t axis = 0; sane && axis < shape.size() && most <= kMaxElements; ++axis)
      most *= std::max<std::int64_t>(tensor.shape[axis], 1);
    if (!sane || most > kMaxElements)
      return corrupt(quoted(tensor) + " has a shape that no file can hold");
    const auto number = table.scalar<std::uint32_t>(2, 0);
    if (number >= buffers.size()) return corrupt(quoted(tensor) + " names no buffer");
    tensor.data = buffers[number].bytes(0);
    const FlatTable quantisation = table.table(4);
    tensor.scales = quantisation.vector<float>(2);
    tensor.zero_points = quantisation.vector<std::int64_t>(3);
    const auto axis = quantisation.scalar<std::int32_t>(6, 0);
    if (axis < 0) return corrupt(quoted(tensor) + " is quantised along no axis");
    tensor.channel_axis = static_cast<std::size_t>(axis);
    tensor.sparsity = table.table(6);
    tensors_.push_back(std::move(tensor));
  }
  return {};
}

Result<void> TfliteModel::read_operators(const FlatTable& model, const FlatTable& graph) {
  const std::vector<FlatTable> codes = model.tables(1);
  for (const FlatTable& table : graph.tables(3)) {
    const auto number = table.scalar<std::uint32_t>(0, 0);
    if (number >= codes.size()) return corrupt("an operator has no code");
    TfliteOperator op;
    op.code = codes[number].scalar<std::int8_t>(0, 0);
    if (op.code == 0 || op.code == kPlaceholder) {
      op.code = std::max(op.code, codes[number].scalar<std::int32_t>(3, 0));
    }
    op.name = tflite_operator_name(op.code, codes[number].text(1));
    op.version = codes[number].scalar<std::int32_t>(2, 1);
    op.inputs = table.vector<std::int32_t>(1);
    op.outputs = table.vector<std::int32_t>(2);
    TRY(check_tensor_numbers(op.inputs, true));
    TRY(check_tensor_numbers(op.outputs, false));
    if (op.outputs.empty()) return corrupt("the operator " + op.name + " makes nothing");
    op.options = table.table(4);
    operators_.push_back(std::move(op));
  }
  return {};
}

Result<TfliteModel> TfliteModel::read(std::span<const std::byte> bytes) {
  if (!is_tflite(bytes)) {
    return fail(ErrorCode::corrupt_input, "not a TensorFlow Lite file: it lacks the mark TFL3");
  }
  TfliteModel model(bytes);
  const FlatTable root = model.buffer_->root();
  const auto version = root.scalar<std::uint32_t>(0, 0);
  const std::vector<FlatTable> graphs = root.tables(2);
  if (model.is_damaged()) return corrupt("an offset leads outside, or it is cut short");
  if (version != kSchemaVersion) {
    return fail(ErrorCode::unsupported, "the TensorFlow Lite file is of schema version " +
                                            std::to_string(version) + ": only 3 is read");
  }
  if (graphs.size() != 1) {
    return fail(ErrorCode::unsupported, "the TensorFlow Lite file has " +
                                            std::to_string(graphs.size()) +
                                            " graphs: only files of one are read");
  }
  TRY(model.read_tensors(graphs.front(), root.tables(4)));
  TRY(model.read_operators(root, graphs.front()));
  model.inputs_ = graphs.front().vector<std::int32_t>(1);
  model.outputs_ = graphs.front().vector<std::int32_t>(2);
  TRY(model.check_tensor_numbers(model.inputs_, false));
  TRY(model.check_tensor_numbers(model.outputs_, false));
  if (model.is_damaged()) return corrupt("an offset leads outside, or it is cut short");
  return model;
}

Result<std::optional<ConstantTensor>> TfliteModel::constant(std::size_t tensor) {
  const TfliteTensor& source = tensors_[tensor];
  if (source.data.empty()) return std::nullopt;
  const std::optional<std::size_t> element_bytes = bytes_of(source.type);
  if (!element_bytes) {
    return fail(ErrorCode::unsupported,
                quoted(source) + " has elements of type " +
                    std::to_string(static_cast<int>(source.type)) +
                    " (TensorType of the schema): float32, float16, int32, int64, int8 and uint8 "
                    "are read");
  }
  std::uint64_t count = 1;
  for (const std::int64_t extent : source.shape) {
    count *= static_cast<std::uint64_t>(extent);
    if (count > elements_left_)
      return corrupt(quoted(source) + " is larger than the file can mean");
  }
  elements_left_ -= count;
  const bool whole = source.data.size() % *element_bytes == 0 &&
                     (source.sparsity.exists() || source.data.size() / *element_bytes == count);
  if (!whole) return corrupt("the data of " + quoted(source) + " are of another length");
  ConstantTensor constant = stored_elements(source);
  if (source.sparsity.exists() && !densify(source, count, constant)) {
    return corrupt("the sparse " + quoted(source) + " contradicts its shape");
  }
  constant.shape = source.shape;
  const bool quantised = constant.kind != ConstantTensor::Kind::real && !source.scales.empty();
  if (quantised && !dequantise(source, constant)) {
    return corrupt("the quantisation of " + quoted(source) + " contradicts its shape");
  }
  return constant;
}

}  // namespace retinue
