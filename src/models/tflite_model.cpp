#include "models/tflite_model.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

namespace retinue {
namespace {

constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kMaxRank = 8;
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 24;
constexpr std::int64_t kMaxElements = std::int64_t{1} << 32;
constexpr std::int32_t kCustom = 32;
constexpr std::int32_t kPlaceholder = 127;  ///< The code stands in the newer, wider field.
/// Sparse weights have at most so many elements for each byte of the file.
constexpr std::uint64_t kMaxElementsPerByte = 16;
constexpr std::uint64_t kElementsOfAnyFile = std::uint64_t{1} << 20;

using Extents = std::vector<std::int64_t>;

/// BuiltinOperator of the schema, for messages; what is not here is named by number.
constexpr std::array kOperatorNames{"ADD",
                                    "AVERAGE_POOL_2D",
                                    "CONCATENATION",
                                    "CONV_2D",
                                    "DEPTHWISE_CONV_2D",
                                    "DEPTH_TO_SPACE",
                                    "DEQUANTIZE",
                                    "EMBEDDING_LOOKUP",
                                    "FLOOR",
                                    "FULLY_CONNECTED",
                                    "HASHTABLE_LOOKUP",
                                    "L2_NORMALIZATION",
                                    "L2_POOL_2D",
                                    "LOCAL_RESPONSE_NORMALIZATION",
                                    "LOGISTIC",
                                    "LSH_PROJECTION",
                                    "LSTM",
                                    "MAX_POOL_2D",
                                    "MUL",
                                    "RELU",
                                    "RELU_N1_TO_1",
                                    "RELU6",
                                    "RESHAPE",
                                    "RESIZE_BILINEAR",
                                    "RNN",
                                    "SOFTMAX",
                                    "SPACE_TO_DEPTH",
                                    "SVDF",
                                    "TANH",
                                    "CONCAT_EMBEDDINGS",
                                    "SKIP_GRAM",
                                    "CALL",
                                    "CUSTOM",
                                    "EMBEDDING_LOOKUP_SPARSE",
                                    "PAD",
                                    "UNIDIRECTIONAL_SEQUENCE_RNN",
                                    "GATHER",
                                    "BATCH_TO_SPACE_ND",
                                    "SPACE_TO_BATCH_ND",
                                    "TRANSPOSE",
                                    "MEAN",
                                    "SUB",
                                    "DIV",
                                    "SQUEEZE",
                                    "UNIDIRECTIONAL_SEQUENCE_LSTM",
                                    "STRIDED_SLICE",
                                    "BIDIRECTIONAL_SEQUENCE_RNN",
                                    "EXP",
                                    "TOPK_V2",
                                    "SPLIT",
                                    "LOG_SOFTMAX",
                                    "DELEGATE",
                                    "BIDIRECTIONAL_SEQUENCE_LSTM",
                                    "CAST",
                                    "PRELU",
                                    "MAXIMUM",
                                    "ARG_MAX",
                                    "MINIMUM",
                                    "LESS",
                                    "NEG",
                                    "PADV2",
                                    "GREATER",
                                    "GREATER_EQUAL",
                                    "LESS_EQUAL",
                                    "SELECT",
                                    "SLICE",
                                    "SIN",
                                    "TRANSPOSE_CONV",
                                    "SPARSE_TO_DENSE",
                                    "TILE",
                                    "EXPAND_DIMS",
                                    "EQUAL",
                                    "NOT_EQUAL",
                                    "LOG",
                                    "SUM",
                                    "SQRT",
                                    "RSQRT",
                                    "SHAPE",
                                    "POW",
                                    "ARG_MIN",
                                    "FAKE_QUANT",
                                    "REDUCE_PROD",
                                    "REDUCE_MAX",
                                    "PACK",
                                    "LOGICAL_OR",
                                    "ONE_HOT",
                                    "LOGICAL_AND",
                                    "LOGICAL_NOT",
                                    "UNPACK",
                                    "REDUCE_MIN",
                                    "FLOOR_DIV",
                                    "REDUCE_ANY",
                                    "SQUARE",
                                    "ZEROS_LIKE",
                                    "FILL",
                                    "FLOOR_MOD",
                                    "RANGE",
                                    "RESIZE_NEAREST_NEIGHBOR",
                                    "LEAKY_RELU",
                                    "SQUARED_DIFFERENCE",
                                    "MIRROR_PAD",
                                    "ABS",
                                    "SPLIT_V",
                                    "UNIQUE",
                                    "CEIL",
                                    "REVERSE_V2",
                                    "ADD_N",
                                    "GATHER_ND",
                                    "COS",
                                    "WHERE",
                                    "RANK",
                                    "ELU",
                                    "REVERSE_SEQUENCE",
                                    "MATRIX_DIAG",
                                    "QUANTIZE",
                                    "MATRIX_SET_DIAG",
                                    "ROUND",
                                    "HARD_SWISH",
                                    "IF",
                                    "WHILE",
                                    "NON_MAX_SUPPRESSION_V4",
                                    "NON_MAX_SUPPRESSION_V5",
                                    "SCATTER_ND",
                                    "SELECT_V2",
                                    "DENSIFY",
                                    "SEGMENT_SUM",
                                    "BATCH_MATMUL"};

std::string name_of_operator(std::int32_t code, std::string custom) {
  if (code == kCustom) return custom.empty() ? "CUSTOM" : std::move(custom);
  if (code >= 0 && static_cast<std::size_t>(code) < kOperatorNames.size()) {
    return kOperatorNames.at(static_cast<std::size_t>(code));
  }
  return "number " + std::to_string(code);
}

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

/// One level of a sparse tensor's storage.
struct SparseLevel {
  bool compressed = false;
  std::int64_t size = 0;    ///< Of a dense level.
  std::int64_t extent = 0;  ///< Positions along its axis.
  std::int64_t stride = 0;  ///< Elements of the dense tensor from one position to the next.
  std::vector<std::int64_t> segments;
  std::vector<std::int64_t> indices;
};

/// A vector of SparseIndexVector, whose element type its own field tells.
std::vector<std::int64_t> sparse_numbers(const FlatTable& level, int type_field) {
  const FlatTable vector = level.table(type_field + 1);
  const auto widened = [](const auto& values) {
    return std::vector<std::int64_t>(values.begin(), values.end());
  };
  switch (level.scalar<std::uint8_t>(type_field, 0)) {
    case 1:
      return widened(vector.vector<std::int32_t>(0));
    case 2:
      return widened(vector.vector<std::uint16_t>(0));
    case 3:
      return widened(vector.vector<std::uint8_t>(0));
    default:
      return {};
  }
}

/// The levels of a sparse tensor, outermost first; nullopt: they contradict the shape.
///
/// The axes of the tensor, divided into blocks, come first; then the axes inside of a block
/// (schema.fbs, SparsityParameters).
std::optional<std::vector<SparseLevel>> read_levels(const TfliteTensor& tensor) {
  const std::size_t rank = tensor.shape.size();
  const auto order = tensor.sparsity.vector<std::int32_t>(0);
  const auto block_map = tensor.sparsity.vector<std::int32_t>(1);
  const std::vector<FlatTable> tables = tensor.sparsity.tables(2);
  const std::size_t count = rank + block_map.size();
  if (block_map.size() > rank || order.size() != count || tables.size() != count) {
    return std::nullopt;
  }
  std::vector<bool> seen(count, false);
  Extents blocks(rank, 1);
  for (std::size_t level = 0; level < count; ++level) {
    const std::int32_t axis = order[level];
    if (axis < 0 || static_cast<std::size_t>(axis) >= count ||
        seen[static_cast<std::size_t>(axis)]) {
      return std::nullopt;
    }
    seen[static_cast<std::size_t>(axis)] = true;
    if (static_cast<std::size_t>(axis) < rank) continue;
    const std::int32_t blocked = block_map[static_cast<std::size_t>(axis) - rank];
    const std::int64_t size = tables[level].scalar<std::int32_t>(1, 0);
    if (blocked < 0 || static_cast<std::size_t>(blocked) >= rank || size < 1 ||
        tensor.shape[static_cast<std::size_t>(blocked)] % size != 0 ||
        blocks[static_cast<std::size_t>(blocked)] != 1) {
      return std::nullopt;
    }
    blocks[static_cast<std::size_t>(blocked)] = size;
  }
  Extents strides(rank, 1);
  for (std::size_t axis = rank; axis-- > 1;)
    strides[axis - 1] = strides[axis] * tensor.shape[axis];
  std::vector<SparseLevel> levels;
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis = static_cast<std::size_t>(order[i]);
    const bool inner = axis >= rank;
    const auto of = inner ? static_cast<std::size_t>(block_map[axis - rank]) : axis;
    SparseLevel level;
    level.extent = inner ? blocks[of] : tensor.shape[of] / blocks[of];
    level.stride = inner ? strides[of] : strides[of] * blocks[of];
    level.compressed = tables[i].scalar<std::int8_t>(0, 0) == 1;
    if (level.compressed) {
      level.segments = sparse_numbers(tables[i], 2);
      level.indices = sparse_numbers(tables[i], 4);
    } else {
      level.size = tables[i].scalar<std::int32_t>(1, 0);
      if (level.size != level.extent) return std::nullopt;
    }
    levels.push_back(std::move(level));
  }
  return levels;
}

/// Where in the dense tensor each stored element belongs; nullopt: the levels contradict
/// themselves.
std::optional<Extents> sparse_places(const std::vector<SparseLevel>& levels,
                                     std::int64_t max_count) {
  Extents places{0};
  for (const SparseLevel& level : levels) {
    Extents next;
    if (!level.compressed) {
      if (static_cast<std::int64_t>(places.size()) * level.size > max_count) return std::nullopt;
      for (const std::int64_t place : places) {
        for (std::int64_t i = 0; i < level.size; ++i)
          next.push_back(place + i * level.stride);
      }
    } else {
      if (level.segments.size() != places.size() + 1 || level.segments.front() != 0) {
        return std::nullopt;
      }
      for (std::size_t i = 0; i < places.size(); ++i) {
        const std::int64_t first = level.segments[i];
        const std::int64_t end = level.segments[i + 1];
        if (end < first || end > static_cast<std::int64_t>(level.indices.size())) {
          return std::nullopt;
        }
        for (std::int64_t k = first; k < end; ++k) {
          const std::int64_t index = level.indices[static_cast<std::size_t>(k)];
          if (index < 0 || index >= level.extent) return std::nullopt;
          next.push_back(places[i] + index * level.stride);
        }
      }
    }
    places = std::move(next);
  }
  return places;
}

/// Puts the zeros back; false: the storage contradicts the shape.
bool densify(const TfliteTensor& tensor, std::size_t count, ConstantTensor& stored) {
  const std::optional<std::vector<SparseLevel>> levels = read_levels(tensor);
  if (!levels) return false;
  const std::optional<Extents> places = sparse_places(*levels, static_cast<std::int64_t>(count));
  if (!places || places->size() != stored.size()) return false;
  const auto spread = [&](auto& elements) {
    if (elements.empty()) return;
    std::remove_reference_t<decltype(elements)> dense(count);
    for (std::size_t i = 0; i < places->size(); ++i)
      dense[static_cast<std::size_t>((*places)[i])] = elements[i];
    elements = std::move(dense);
  };
  spread(stored.reals);
  spread(stored.integers);
  if (places->empty()) {
    stored.reals.resize(stored.kind == ConstantTensor::Kind::real ? count : 0);
    stored.integers.resize(stored.kind == ConstantTensor::Kind::real ? 0 : count);
  }
  return true;
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
    op.name = name_of_operator(op.code, codes[number].text(1));
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
