#include "models/tflite_import.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "models/onnx_builder.hpp"
#include "models/onnx_graph.hpp"
#include "models/tflite_model.hpp"

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

constexpr std::array<std::int64_t, 4> kPlanarFromFile{0, 3, 1, 2};
constexpr std::array<std::int64_t, 4> kFileFromPlanar{0, 2, 3, 1};
/// Axis of the planar order by axis of the file's.
constexpr std::array<std::int64_t, 4> kPlanarAxis{0, 2, 3, 1};

/// Constants that several operators read are written several times; a file that makes much of that
/// is damaged.
constexpr std::uint64_t kMaxElementsPerByte = 32;
constexpr std::uint64_t kElementsOfAnyFile = std::uint64_t{1} << 21;

constexpr std::int8_t kSamePadding = 0;
constexpr std::int8_t kValidPadding = 1;

/// A tensor that is made when the model runs, in one or both orders of its axes. Empty: not yet.
struct Value {
  std::string file;    ///< As the file has it: channels last.
  std::string planar;  ///< [N, C, H, W]; of values with four axes only.
};

/// A tensor that is known when the model is read.
struct Constant {
  std::optional<ConstantTensor> elements;  ///< Absent: not read yet, or another tensor's.
  std::optional<std::int32_t> same_as;     ///< The tensor whose elements these are.
  std::string file;                        ///< In the graph. Empty: not yet.
  std::string planar;                      ///< Likewise.
};

/// Which way a window slides: rows, then columns.
struct Window {
  std::array<std::int64_t, 2> kernel{};
  std::array<std::int64_t, 2> strides{};
  std::array<std::int64_t, 2> dilations{1, 1};
  std::int8_t padding = kSamePadding;
};

Extents planar_shape(const Extents& shape) {
  return {shape[0], shape[3], shape[1], shape[2]};
}

std::int64_t product_of(const Extents& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1},
                         [](std::int64_t a, std::int64_t b) { return a * b; });
}

/// Writes one model. Made for one use.
class TfliteWriter {
 public:
  TfliteWriter(TfliteModel model, std::size_t file_bytes)
      : model_(std::move(model)),
        values_(model_.tensors().size()),
        constants_(model_.tensors().size()),
        elements_left_(file_bytes * kMaxElementsPerByte + kElementsOfAnyFile),
        builder_("TensorFlow Lite") {}

  Result<std::vector<std::byte>> write() {
    TRY(add_inputs());
    for (const TfliteOperator& op : model_.operators()) {
      Result<void> added = add_operator(op);
      if (!added) {
        return tl::unexpected(std::move(added).error().with_context(
            "operator " + op.name + " (version " + std::to_string(op.version) + ") that makes '" +
            tensor(op.outputs[0]).name + "'"));
      }
    }
    TRY(add_outputs());
    if (model_.is_damaged()) {
      return fail(ErrorCode::corrupt_input,
                  "the TensorFlow Lite file is damaged: the options of an operator lead outside");
    }
    return builder_.finish();
  }

 private:
  using Rule = Result<void> (TfliteWriter::*)(const TfliteOperator&);

  /// How an operator is written.
  struct KnownOperator {
    std::string_view name;
    Rule rule;
    std::size_t inputs;       ///< At least.
    std::string_view onnx{};  ///< Of operators that ONNX has too.
  };

  static const KnownOperator* find_rule(const std::string& name) {
    static constexpr std::array kRules{
        KnownOperator{"ADD", &TfliteWriter::binary, 2, "Add"},
        KnownOperator{"ARG_MAX", &TfliteWriter::arg_max, 2},
        KnownOperator{"AVERAGE_POOL_2D", &TfliteWriter::pool, 1, "AveragePool"},
        KnownOperator{"CAST", &TfliteWriter::cast, 1},
        KnownOperator{"CONCATENATION", &TfliteWriter::concatenation, 1},
        KnownOperator{"CONV_2D", &TfliteWriter::convolution, 2},
        KnownOperator{"DENSIFY", &TfliteWriter::same, 1},
        KnownOperator{"DEPTHWISE_CONV_2D", &TfliteWriter::depthwise_convolution, 2},
        KnownOperator{"DEPTH_TO_SPACE", &TfliteWriter::depth_to_space, 1},
        KnownOperator{"DEQUANTIZE", &TfliteWriter::same, 1},
        KnownOperator{"DIV", &TfliteWriter::binary, 2, "Div"},
        KnownOperator{"EXPAND_DIMS", &TfliteWriter::reshape, 1},
        KnownOperator{"FLOOR_DIV", &TfliteWriter::floor_div, 2},
        KnownOperator{"GATHER_ND", &TfliteWriter::gather_nd, 2},
        KnownOperator{"LOGISTIC", &TfliteWriter::unary, 1, "Sigmoid"},
        KnownOperator{"MAXIMUM", &TfliteWriter::binary, 2, "Max"},
        KnownOperator{"MAX_POOL_2D", &TfliteWriter::pool, 1, "MaxPool"},
        KnownOperator{"MEAN", &TfliteWriter::reduce, 2, "ReduceMean"},
        KnownOperator{"MINIMUM", &TfliteWriter::binary, 2, "Min"},
        KnownOperator{"MUL", &TfliteWriter::binary, 2, "Mul"},
        KnownOperator{"NEG", &TfliteWriter::unary, 1, "Neg"},
        KnownOperator{"PACK", &TfliteWriter::pack, 1},
        KnownOperator{"PAD", &TfliteWriter::pad, 2},
        KnownOperator{"PRELU", &TfliteWriter::prelu, 2},
        KnownOperator{"QUANTIZE", &TfliteWriter::same, 1},
        KnownOperator{"RELU", &TfliteWriter::unary, 1, "Relu"},
        KnownOperator{"RELU6", &TfliteWriter::relu6, 1},
        KnownOperator{"RESHAPE", &TfliteWriter::reshape, 1},
        KnownOperator{"RESIZE_BILINEAR", &TfliteWriter::resize_bilinear, 1},
        KnownOperator{"RSQRT", &TfliteWriter::rsqrt, 1},
        KnownOperator{"SQRT", &TfliteWriter::unary, 1, "Sqrt"},
        KnownOperator{"SQUARED_DIFFERENCE", &TfliteWriter::squared_difference, 2},
        KnownOperator{"SQUEEZE", &TfliteWriter::reshape, 1},
        KnownOperator{"STRIDED_SLICE", &TfliteWriter::strided_slice, 4},
        KnownOperator{"SUB", &TfliteWriter::binary, 2, "Sub"},
        KnownOperator{"SUM", &TfliteWriter::sum, 2},
        KnownOperator{"TANH", &TfliteWriter::unary, 1, "Tanh"},
        KnownOperator{"TRANSPOSE", &TfliteWriter::transpose, 2},
        KnownOperator{"UNPACK", &TfliteWriter::unpack, 1},
    };
    const auto* found = std::ranges::find(kRules, name, &KnownOperator::name);
    return found == kRules.end() ? nullptr : found;
  }

  static tl::unexpected<Error> unsupported(const std::string& what) {
    return fail(ErrorCode::unsupported, what);
  }

  static tl::unexpected<Error> corrupt(const std::string& what) {
    return fail(ErrorCode::corrupt_input, what);
  }

  const TfliteTensor& tensor(std::int32_t number) const {
    return model_.tensors()[static_cast<std::size_t>(number)];
  }
  const Extents& shape(std::int32_t number) const { return tensor(number).shape; }
  std::size_t rank(std::int32_t number) const { return shape(number).size(); }

  Result<void> add_operator(const TfliteOperator& op) {
    const KnownOperator* known = find_rule(op.name);
    if (known == nullptr) return unsupported("this operator is not supported");
    const std::span<const std::int32_t> inputs(op.inputs);
    if (inputs.size() < known->inputs || std::ranges::count(inputs.first(known->inputs), -1) > 0) {
      return corrupt("it lacks inputs");
    }
    onnx_name_ = known->onnx;
    return (this->*known->rule)(op);
  }

  // Ends.

  Result<void> add_inputs() {
    for (const std::int32_t number : model_.inputs()) {
      const TfliteTensor& input = tensor(number);
      const bool pixels = input.type == TfliteType::uint8 || input.type == TfliteType::int8;
      if (!input.is_real() && !pixels) {
        return unsupported("the input '" + input.name + "' is neither float nor uint8 nor int8");
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

  Result<void> add_outputs() {
    for (const std::int32_t number : model_.outputs()) {
      const std::string value = TRY(file_order(number));
      const TfliteTensor& output = tensor(number);
      int type = onnx::TensorProto::FLOAT;
      if (!is_real_value(number)) {
        type =
            output.type == TfliteType::int64 ? onnx::TensorProto::INT64 : onnx::TensorProto::INT32;
      }
      builder_.add_output(value, output.name, output.shape, type);
    }
    return {};
  }

  /// True if the value is float32 in the graph: real numbers, and pixels, which are cast first.
  bool is_real_value(std::int32_t number) const {
    const TfliteTensor& source = tensor(number);
    return source.is_real() || source.type == TfliteType::uint8 || source.type == TfliteType::int8;
  }

  // Values.

  Value& value(std::int32_t number) { return values_[static_cast<std::size_t>(number)]; }

  /// Null: it is made when the model runs. Read once.
  Result<const ConstantTensor*> constant(std::int32_t number) {
    Constant& known = constants_[static_cast<std::size_t>(number)];
    if (known.same_as) return constant(*known.same_as);
    if (!known.elements) {
      known.elements = TRY(model_.constant(static_cast<std::size_t>(number)));
    }
    return known.elements ? &*known.elements : nullptr;
  }

  Result<std::string> add_constant(const ConstantTensor& elements) {
    if (elements.size() > elements_left_) {
      return corrupt("all constants together are larger than the file can mean");
    }
    elements_left_ -= elements.size();
    return builder_.add_constant(elements);
  }

  /// A constant that an operator cannot do without.
  Result<const ConstantTensor*> needed_constant(const TfliteOperator& op, std::size_t input,
                                                ConstantTensor::Kind kind) {
    const ConstantTensor* found = TRY(constant(op.inputs[input]));
    if (found == nullptr) {
      return unsupported("'" + tensor(op.inputs[input]).name + "' is no constant");
    }
    const bool integers = found->kind != ConstantTensor::Kind::real;
    if (integers != (kind != ConstantTensor::Kind::real)) {
      return corrupt("'" + tensor(op.inputs[input]).name + "' has another element type");
    }
    return found;
  }

  Result<Extents> integers(const TfliteOperator& op, std::size_t input) {
    const ConstantTensor* found = TRY(needed_constant(op, input, ConstantTensor::Kind::int64));
    return found->integers;
  }

  bool is_planar(std::int32_t number) const {
    return !values_[static_cast<std::size_t>(number)].planar.empty();
  }

  Result<std::string> file_order(std::int32_t number) {
    Value& made = value(number);
    if (made.file.empty() && !made.planar.empty()) {
      made.file = builder_.transpose(made.planar, kFileFromPlanar);
    }
    if (!made.file.empty()) return made.file;
    const ConstantTensor* found = TRY(constant(number));
    if (found == nullptr) return corrupt("nothing makes '" + tensor(number).name + "'");
    std::string& name = constants_[static_cast<std::size_t>(number)].file;
    if (name.empty()) name = TRY(add_constant(*found));
    return name;
  }

  /// For an operator whose result has four axes: with the axes of 1 that broadcasting adds.
  Result<std::string> planar_order(std::int32_t number) {
    Value& made = value(number);
    if (!made.planar.empty()) return made.planar;
    if (rank(number) > 4) return corrupt("'" + tensor(number).name + "' has too many axes");
    if (made.file.empty()) return planar_constant(number);
    if (rank(number) == 4) {
      made.planar = builder_.transpose(made.file, kPlanarFromFile);
      return made.planar;
    }
    const std::string reshaped =
        builder_.add("Reshape", {made.file, builder_.add_integers(four_axes(shape(number)))});
    return builder_.transpose(reshaped, kPlanarFromFile);
  }

  static Extents four_axes(Extents shape) {
    shape.insert(shape.begin(), 4 - shape.size(), 1);
    return shape;
  }

  Result<std::string> planar_constant(std::int32_t number) {
    const ConstantTensor* found = TRY(constant(number));
    if (found == nullptr) return corrupt("nothing makes '" + tensor(number).name + "'");
    std::string& name = constants_[static_cast<std::size_t>(number)].planar;
    if (!name.empty()) return name;
    ConstantTensor broadcast = *found;
    broadcast.shape = four_axes(std::move(broadcast.shape));
    name = TRY(add_constant(transposed(broadcast, kPlanarFromFile)));
    return name;
  }

  Result<std::string> in_order(std::int32_t number, bool planar) {
    return planar ? planar_order(number) : file_order(number);
  }

  /// True if the result had better be planar: it has four axes, and an operand is planar.
  bool prefers_planar(const TfliteOperator& op) const {
    return rank(op.outputs[0]) == 4 && std::ranges::any_of(op.inputs, [&](std::int32_t number) {
             return number >= 0 && is_planar(number);
           });
  }

  Result<void> set(std::int32_t number, std::string name, bool planar) {
    TRY(check_unmade(number));
    (planar ? value(number).planar : value(number).file) = std::move(name);
    return {};
  }

  Result<void> check_unmade(std::int32_t number) {
    const Constant& known = constants_[static_cast<std::size_t>(number)];
    const bool made = !value(number).file.empty() || !value(number).planar.empty() ||
                      known.same_as || known.elements || !tensor(number).data.empty();
    if (made) return corrupt("'" + tensor(number).name + "' is made twice");
    return {};
  }

  /// The result behind its fused activation.
  Result<std::string> activated(const std::string& value, std::int8_t activation) {
    switch (activation) {
      case 0:
        return value;
      case 1:
        return builder_.add("Relu", {value});
      case 3:
        return clipped(value);
      case 4:
        return builder_.add("Tanh", {value});
      default:
        return unsupported("the fused activation " + std::to_string(activation) +
                           " is not supported");
    }
  }

  std::string clipped(const std::string& value) {
    return builder_.add("Clip", {value, builder_.add_scalar(0.0F), builder_.add_scalar(6.0F)});
  }

  // Operators that do not see the order of axes.

  Result<void> same(const TfliteOperator& op) {
    if (shape(op.outputs[0]) != shape(op.inputs[0])) return corrupt("it changes the shape");
    const ConstantTensor* found = TRY(constant(op.inputs[0]));
    if (found != nullptr) {
      TRY(check_unmade(op.outputs[0]));
      const Constant& source = constants_[static_cast<std::size_t>(op.inputs[0])];
      constants_[static_cast<std::size_t>(op.outputs[0])].same_as =
          source.same_as.value_or(op.inputs[0]);
      return {};
    }
    const bool planar = is_planar(op.inputs[0]);
    std::string x = TRY(in_order(op.inputs[0], planar));
    return set(op.outputs[0], std::move(x), planar);
  }

  Result<void> unary(const TfliteOperator& op) {
    const std::string onnx(onnx_name_);
    return map(op, [&](const std::string& x) { return builder_.add(onnx, {x}); });
  }

  Result<void> relu6(const TfliteOperator& op) {
    return map(op, [&](const std::string& x) { return clipped(x); });
  }

  Result<void> rsqrt(const TfliteOperator& op) {
    return map(op, [&](const std::string& x) {
      return builder_.add("Reciprocal", {builder_.add("Sqrt", {x})});
    });
  }

  template <typename Function>
  Result<void> map(const TfliteOperator& op, const Function& function) {
    if (rank(op.outputs[0]) != rank(op.inputs[0])) return corrupt("it changes the rank");
    const bool planar = is_planar(op.inputs[0]);
    const std::string x = TRY(in_order(op.inputs[0], planar));
    return set(op.outputs[0], function(x), planar);
  }

  Result<void> cast(const TfliteOperator& op) {
    const bool from_real = is_real_value(op.inputs[0]);
    const bool to_real = is_real_value(op.outputs[0]);
    if (from_real && to_real) return same(op);
    if (rank(op.outputs[0]) != rank(op.inputs[0])) return corrupt("it changes the rank");
    const bool planar = is_planar(op.inputs[0]);
    std::int64_t type = onnx::TensorProto::FLOAT;
    if (!to_real) {
      type = tensor(op.outputs[0]).type == TfliteType::int64 ? onnx::TensorProto::INT64
                                                             : onnx::TensorProto::INT32;
    }
    const std::string x = TRY(in_order(op.inputs[0], planar));
    std::string result = builder_.add("Cast", {x});
    set_int_attribute(builder_.last(), "to", type);
    return set(op.outputs[0], std::move(result), planar);
  }

  Result<void> binary(const TfliteOperator& op) {
    const std::string onnx(onnx_name_);
    const bool planar = prefers_planar(op);
    const std::string a = TRY(in_order(op.inputs[0], planar));
    const std::string b = TRY(in_order(op.inputs[1], planar));
    const bool activates = onnx != "Max" && onnx != "Min";
    const std::int8_t activation =
        activates ? op.options.scalar<std::int8_t>(0, 0) : std::int8_t{0};
    std::string result = TRY(activated(builder_.add(onnx, {a, b}), activation));
    return set(op.outputs[0], std::move(result), planar);
  }

  Result<void> squared_difference(const TfliteOperator& op) {
    const bool planar = prefers_planar(op);
    const std::string a = TRY(in_order(op.inputs[0], planar));
    const std::string b = TRY(in_order(op.inputs[1], planar));
    const std::string difference = builder_.add("Sub", {a, b});
    return set(op.outputs[0], builder_.add("Mul", {difference, difference}), planar);
  }

  /// Rounds down, where ONNX's integer Div cuts: (a − a mod b) / b, the remainder with b's sign.
  Result<void> floor_div(const TfliteOperator& op) {
    const bool planar = prefers_planar(op);
    const std::string a = TRY(in_order(op.inputs[0], planar));
    const std::string b = TRY(in_order(op.inputs[1], planar));
    if (is_real_value(op.outputs[0])) {
      return set(op.outputs[0], builder_.add("Floor", {builder_.add("Div", {a, b})}), planar);
    }
    const std::string whole = builder_.add("Sub", {a, builder_.add("Mod", {a, b})});
    return set(op.outputs[0], builder_.add("Div", {whole, b}), planar);
  }

  Result<void> prelu(const TfliteOperator& op) {
    const ConstantTensor* slopes = TRY(needed_constant(op, 1, ConstantTensor::Kind::real));
    if (rank(op.outputs[0]) != 4) return unsupported("its result does not have four axes");
    const std::string x = TRY(planar_order(op.inputs[0]));
    ConstantTensor broadcast = *slopes;
    if (broadcast.shape.size() > 3) broadcast.shape.erase(broadcast.shape.begin());
    if (static_cast<std::size_t>(product_of(broadcast.shape)) != slopes->size()) {
      return unsupported("its slopes differ along the batch");
    }
    broadcast.shape.insert(broadcast.shape.begin(), 3 - broadcast.shape.size(), 1);
    constexpr std::array<std::int64_t, 3> kPlanes{2, 0, 1};
    const std::string slope = TRY(add_constant(transposed(broadcast, kPlanes)));
    return set(op.outputs[0], builder_.add("PRelu", {x, slope}), true);
  }

  // Windows.

  /// Zeros around the picture, [top, left, bottom, right], as the schema's Padding means them.
  Result<Extents> pads_of(const Window& window, const Extents& picture) {
    if (window.padding == kValidPadding) return Extents{0, 0, 0, 0};
    if (window.padding != kSamePadding) return corrupt("its padding is neither SAME nor VALID");
    Extents pads(4, 0);
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::int64_t extent = picture[axis + 1];
      const std::int64_t reach = (window.kernel.at(axis) - 1) * window.dilations.at(axis) + 1;
      const std::int64_t steps = (extent + window.strides.at(axis) - 1) / window.strides.at(axis);
      const std::int64_t total =
          std::max<std::int64_t>((steps - 1) * window.strides.at(axis) + reach - extent, 0);
      pads[axis] = total / 2;
      pads[axis + 2] = total - total / 2;
    }
    return pads;
  }

  static Result<void> check(const Window& window) {
    constexpr std::int64_t kMax = 1 << 16;
    const auto sane = [](const std::array<std::int64_t, 2>& numbers) {
      return std::ranges::all_of(numbers, [](std::int64_t n) { return n >= 1 && n <= kMax; });
    };
    if (sane(window.kernel) && sane(window.strides) && sane(window.dilations)) return {};
    return corrupt("its window has an extent, a stride or a dilation that cannot be");
  }

  /// Sets the attributes of the last node.
  void slide(const Window& window, const Extents& pads) {
    set_ints_attribute(builder_.last(), "kernel_shape", {window.kernel[0], window.kernel[1]});
    set_ints_attribute(builder_.last(), "strides", {window.strides[0], window.strides[1]});
    set_ints_attribute(builder_.last(), "pads", pads);
  }

  Result<void> convolution(const TfliteOperator& op) {
    const Window window{
        .kernel = {},
        .strides = {op.options.scalar<std::int32_t>(2, 0), op.options.scalar<std::int32_t>(1, 0)},
        .dilations = {op.options.scalar<std::int32_t>(5, 1), op.options.scalar<std::int32_t>(4, 1)},
        .padding = op.options.scalar<std::int8_t>(0, 0)};
    return convolve(op, window, op.options.scalar<std::int8_t>(3, 0), false);
  }

  Result<void> depthwise_convolution(const TfliteOperator& op) {
    const Window window{
        .kernel = {},
        .strides = {op.options.scalar<std::int32_t>(2, 0), op.options.scalar<std::int32_t>(1, 0)},
        .dilations = {op.options.scalar<std::int32_t>(6, 1), op.options.scalar<std::int32_t>(5, 1)},
        .padding = op.options.scalar<std::int8_t>(0, 0)};
    return convolve(op, window, op.options.scalar<std::int8_t>(4, 0), true);
  }

  /// Weights are [outputs, rows, columns, inputs], or depthwise [1, rows, columns, outputs].
  Result<void> convolve(const TfliteOperator& op, Window window, std::int8_t activation,
                        bool depthwise) {
    const ConstantTensor* weights = TRY(needed_constant(op, 1, ConstantTensor::Kind::real));
    const bool ranks =
        rank(op.inputs[0]) == 4 && weights->shape.size() == 4 && rank(op.outputs[0]) == 4;
    if (!ranks) return corrupt("its picture or its weights do not have four axes");
    window.kernel = {weights->shape[1], weights->shape[2]};
    TRY(check(window));
    const std::int64_t inputs = shape(op.inputs[0])[3];
    const std::int64_t of_group = weights->shape[3];
    const bool fits = depthwise ? inputs > 0 && weights->shape[0] == 1 && of_group % inputs == 0
                                : of_group > 0 && inputs % of_group == 0;
    if (!fits) return corrupt("its weights do not fit the channels of its picture");
    const Extents pads = TRY(pads_of(window, shape(op.inputs[0])));
    constexpr std::array<std::int64_t, 4> kDepthwise{3, 0, 1, 2};
    const std::string x = TRY(planar_order(op.inputs[0]));
    const std::string taps =
        TRY(add_constant(transposed(*weights, depthwise ? kDepthwise : kPlanarFromFile)));
    Names operands{x, taps};
    if (op.inputs.size() > 2 && op.inputs[2] >= 0) {
      const ConstantTensor* bias = TRY(needed_constant(op, 2, ConstantTensor::Kind::real));
      const std::string added = TRY(add_constant(*bias));
      operands.push_back(added);
    }
    const std::string convolved = builder_.add("Conv", operands);
    slide(window, pads);
    set_ints_attribute(builder_.last(), "dilations", {window.dilations[0], window.dilations[1]});
    set_int_attribute(builder_.last(), "group", depthwise ? inputs : inputs / of_group);
    std::string result = TRY(activated(convolved, activation));
    return set(op.outputs[0], std::move(result), true);
  }

  Result<void> pool(const TfliteOperator& op) {
    const std::string onnx(onnx_name_);
    if (rank(op.inputs[0]) != 4 || rank(op.outputs[0]) != 4) {
      return corrupt("its picture does not have four axes");
    }
    const Window window{
        .kernel = {op.options.scalar<std::int32_t>(4, 0), op.options.scalar<std::int32_t>(3, 0)},
        .strides = {op.options.scalar<std::int32_t>(2, 0), op.options.scalar<std::int32_t>(1, 0)},
        .padding = op.options.scalar<std::int8_t>(0, 0)};
    TRY(check(window));
    const Extents pads = TRY(pads_of(window, shape(op.inputs[0])));
    const std::string x = TRY(planar_order(op.inputs[0]));
    const std::string pooled = builder_.add(onnx, {x});  // ONNX's default: pads do not count
    slide(window, pads);
    std::string result = TRY(activated(pooled, op.options.scalar<std::int8_t>(5, 0)));
    return set(op.outputs[0], std::move(result), true);
  }

  Result<void> depth_to_space(const TfliteOperator& op) {
    const std::int32_t block = op.options.scalar<std::int32_t>(0, 0);
    if (rank(op.outputs[0]) != 4 || rank(op.inputs[0]) != 4 || block < 1) {
      return corrupt("its picture does not have four axes, or it has no blocks");
    }
    const std::string x = TRY(planar_order(op.inputs[0]));
    std::string result = builder_.add("DepthToSpace", {x});
    set_int_attribute(builder_.last(), "blocksize", block);
    return set(op.outputs[0], std::move(result), true);
  }

  Result<void> resize_bilinear(const TfliteOperator& op) {
    if (rank(op.outputs[0]) != 4 || rank(op.inputs[0]) != 4) {
      return corrupt("its picture does not have four axes");
    }
    const Extents from = planar_shape(shape(op.inputs[0]));
    const Extents to = planar_shape(shape(op.outputs[0]));
    const std::string x = TRY(planar_order(op.inputs[0]));
    // Scales leave the batch open; they say the size exactly only where it is a multiple.
    const bool multiple =
        from[2] > 0 && from[3] > 0 && to[2] % from[2] == 0 && to[3] % from[3] == 0;
    Names operands{x, "", ""};
    if (multiple) {
      const auto scale = [&](std::size_t axis) {
        return static_cast<float>(to[axis] / from[axis]);
      };
      operands[2] = builder_.add_constant({.kind = ConstantTensor::Kind::real,
                                           .shape = {4},
                                           .reals = {1.0F, 1.0F, scale(2), scale(3)},
                                           .integers = {}});
    } else {
      operands.push_back(builder_.add_integers(to));
    }
    std::string result = builder_.add("Resize", operands);
    const bool corners = op.options.scalar<std::uint8_t>(2, 0) != 0;
    const bool half_pixel = op.options.scalar<std::uint8_t>(3, 0) != 0;
    const char* grid = half_pixel ? "half_pixel" : "asymmetric";
    set_text_attribute(builder_.last(), "mode", "linear");
    set_text_attribute(builder_.last(), "coordinate_transformation_mode",
                       corners ? "align_corners" : grid);
    return set(op.outputs[0], std::move(result), true);
  }

  // Operators that name axes.

  /// Counted from the front; nullopt: there is no such axis.
  static std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
    const auto axes = static_cast<std::int64_t>(rank);
    if (axis < 0) axis += axes;
    if (axis < 0 || axis >= axes) return std::nullopt;
    return static_cast<std::size_t>(axis);
  }

  static std::int64_t axis_in_order(std::size_t axis, bool planar) {
    return planar ? kPlanarAxis.at(axis) : static_cast<std::int64_t>(axis);
  }

  Result<void> sum(const TfliteOperator& op) {
    TRY(check_reduction(op));
    const bool keeps = op.options.scalar<std::uint8_t>(0, 0) != 0;
    const Extents axes = TRY(reduced_axes(op, keeps));
    const std::string x = TRY(in_order(op.inputs[0], reduces_planar(op, keeps)));
    std::string result = builder_.add("ReduceSum", {x, builder_.add_integers(axes)});
    set_int_attribute(builder_.last(), "keepdims", keeps ? 1 : 0);
    return set(op.outputs[0], std::move(result), keeps && reduces_planar(op, keeps));
  }

  Result<void> reduce(const TfliteOperator& op) {
    const std::string onnx(onnx_name_);
    TRY(check_reduction(op));
    const bool keeps = op.options.scalar<std::uint8_t>(0, 0) != 0;
    const Extents axes = TRY(reduced_axes(op, keeps));
    const std::string x = TRY(in_order(op.inputs[0], reduces_planar(op, keeps)));
    std::string result = builder_.add(onnx, {x});
    set_ints_attribute(builder_.last(), "axes", axes);
    set_int_attribute(builder_.last(), "keepdims", keeps ? 1 : 0);
    return set(op.outputs[0], std::move(result), keeps && reduces_planar(op, keeps));
  }

  Result<void> check_reduction(const TfliteOperator& op) {
    const bool keeps = op.options.scalar<std::uint8_t>(0, 0) != 0;
    if (keeps && rank(op.outputs[0]) != rank(op.inputs[0])) return corrupt("it changes the rank");
    return {};
  }

  /// Without the reduced axes the order of the others would be another.
  bool reduces_planar(const TfliteOperator& op, bool keeps) const {
    return keeps && rank(op.inputs[0]) == 4 && is_planar(op.inputs[0]);
  }

  Result<Extents> reduced_axes(const TfliteOperator& op, bool keeps) {
    Extents axes;
    const Extents numbers = TRY(integers(op, 1));
    for (const std::int64_t named : numbers) {
      const std::optional<std::size_t> axis = axis_of(named, rank(op.inputs[0]));
      if (!axis) return corrupt("it names an axis that is not there");
      axes.push_back(axis_in_order(*axis, reduces_planar(op, keeps)));
    }
    std::ranges::sort(axes);
    axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
    if (axes.empty()) return unsupported("it names no axis");
    return axes;
  }

  Result<void> concatenation(const TfliteOperator& op) {
    const std::optional<std::size_t> axis =
        axis_of(op.options.scalar<std::int32_t>(0, 0), rank(op.outputs[0]));
    if (!axis) return corrupt("it names an axis that is not there");
    const bool planar = prefers_planar(op);
    Names operands;
    for (const std::int32_t number : op.inputs) {
      if (number < 0 || rank(number) != rank(op.outputs[0])) return corrupt("its ranks differ");
      const std::string part = TRY(in_order(number, planar));
      operands.push_back(part);
    }
    const std::string joined = builder_.add("Concat", operands);
    set_int_attribute(builder_.last(), "axis", axis_in_order(*axis, planar));
    std::string result = TRY(activated(joined, op.options.scalar<std::int8_t>(1, 0)));
    return set(op.outputs[0], std::move(result), planar);
  }

  Result<void> pad(const TfliteOperator& op) {
    const Extents pairs = TRY(integers(op, 1));
    const std::size_t axes = rank(op.inputs[0]);
    if (pairs.size() != 2 * axes || rank(op.outputs[0]) != axes) {
      return corrupt("it does not have two numbers for each axis");
    }
    const bool planar = prefers_planar(op);
    Extents pads(2 * axes, 0);
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const auto place = static_cast<std::size_t>(axis_in_order(axis, planar));
      pads[place] = pairs[2 * axis];
      pads[axes + place] = pairs[2 * axis + 1];
    }
    if (std::ranges::any_of(pads, [](std::int64_t n) { return n < 0; })) {
      return corrupt("it adds less than nothing");
    }
    const std::string x = TRY(in_order(op.inputs[0], planar));
    return set(op.outputs[0], builder_.add("Pad", {x, builder_.add_integers(pads)}), planar);
  }

  Result<void> transpose(const TfliteOperator& op) {
    const Extents order = TRY(integers(op, 1));
    Extents sorted = order;
    std::ranges::sort(sorted);
    Extents axes(rank(op.inputs[0]));
    std::iota(axes.begin(), axes.end(), 0);
    if (sorted != axes || rank(op.outputs[0]) != axes.size()) {
      return corrupt("its order of axes is none");
    }
    const std::string x = TRY(file_order(op.inputs[0]));
    return set(op.outputs[0], builder_.transpose(x, order), false);
  }

  /// To the shape of the result, which RESHAPE, SQUEEZE and EXPAND_DIMS all say.
  Result<void> reshape(const TfliteOperator& op) {
    const ConstantTensor* found = TRY(constant(op.inputs[0]));
    const Extents& target = shape(op.outputs[0]);
    const Extents& source = shape(op.inputs[0]);
    if (product_of(target) != product_of(source)) {
      return corrupt("its result has another number of elements");
    }
    if (found != nullptr) {
      const std::string x = TRY(file_order(op.inputs[0]));
      return set(op.outputs[0], builder_.add("Reshape", {x, builder_.add_integers(target)}), false);
    }
    // One pixel, or one channel, lies alike in both orders.
    const bool alike = is_planar(op.inputs[0]) && (source[3] == 1 || source[1] * source[2] == 1);
    const std::string x = TRY(in_order(op.inputs[0], alike));
    return set(op.outputs[0], builder_.add("Reshape", {x, builder_.add_integers(target)}), false);
  }

  Result<void> strided_slice(const TfliteOperator& op) {
    const std::size_t axes = rank(op.inputs[0]);
    const Extents begin = TRY(integers(op, 1));
    const Extents end = TRY(integers(op, 2));
    const Extents step = TRY(integers(op, 3));
    const auto mask = [&](int field) { return op.options.scalar<std::int32_t>(field, 0); };
    const auto bit = [](std::int32_t bits, std::size_t axis) { return ((bits >> axis) & 1) != 0; };
    if (begin.size() != axes || end.size() != axes || step.size() != axes) {
      return unsupported("it does not name every axis");
    }
    if (mask(2) != 0 || mask(3) != 0 || mask(5) != 0) {
      return unsupported("it inserts axes, leaves some out, or counts ends from the beginning");
    }
    Extents starts;
    Extents ends;
    Extents cut;
    Extents dropped;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const std::int64_t extent = shape(op.inputs[0])[axis];
      const bool one = bit(mask(4), axis);
      if (step[axis] != 1) return unsupported("it takes steps other than 1");
      const auto from_front = [&](std::int64_t place) {
        return place < 0 ? place + extent : place;
      };
      const std::int64_t first = bit(mask(0), axis) && !one
                                     ? 0
                                     : std::clamp<std::int64_t>(from_front(begin[axis]), 0, extent);
      std::int64_t last =
          bit(mask(1), axis) ? extent : std::clamp<std::int64_t>(from_front(end[axis]), 0, extent);
      if (one) last = std::min(first + 1, extent);
      if (last <= first) return unsupported("its result is empty");
      if (one) dropped.push_back(static_cast<std::int64_t>(axis));
      if (first == 0 && last == extent) continue;
      starts.push_back(first);
      ends.push_back(last);
      cut.push_back(static_cast<std::int64_t>(axis));
    }
    std::string result = TRY(file_order(op.inputs[0]));
    if (!cut.empty()) {
      result = builder_.add("Slice", {result, builder_.add_integers(starts),
                                      builder_.add_integers(ends), builder_.add_integers(cut)});
    }
    if (!dropped.empty()) {
      result = builder_.add("Squeeze", {result, builder_.add_integers(dropped)});
    }
    return set(op.outputs[0], std::move(result), false);
  }

  Result<void> pack(const TfliteOperator& op) {
    const std::optional<std::size_t> axis =
        axis_of(op.options.scalar<std::int32_t>(1, 0), rank(op.outputs[0]));
    if (!axis) return corrupt("it names an axis that is not there");
    const Extents new_axis{static_cast<std::int64_t>(*axis)};
    Names operands;
    for (const std::int32_t number : op.inputs) {
      if (number < 0 || rank(number) + 1 != rank(op.outputs[0])) return corrupt("its ranks differ");
      const std::string x = TRY(file_order(number));
      operands.push_back(builder_.add("Unsqueeze", {x, builder_.add_integers(new_axis)}));
    }
    std::string result = builder_.add("Concat", operands);
    set_int_attribute(builder_.last(), "axis", new_axis[0]);
    return set(op.outputs[0], std::move(result), false);
  }

  Result<void> unpack(const TfliteOperator& op) {
    const std::optional<std::size_t> axis =
        axis_of(op.options.scalar<std::int32_t>(1, 0), rank(op.inputs[0]));
    if (!axis || shape(op.inputs[0])[*axis] != static_cast<std::int64_t>(op.outputs.size())) {
      return corrupt("it does not make one result for each part");
    }
    const std::string x = TRY(file_order(op.inputs[0]));
    for (std::size_t part = 0; part < op.outputs.size(); ++part) {
      const std::string index = builder_.add_index(static_cast<std::int64_t>(part));
      std::string result = builder_.add("Gather", {x, index});
      set_int_attribute(builder_.last(), "axis", static_cast<std::int64_t>(*axis));
      TRY(set(op.outputs[part], std::move(result), false));
    }
    return {};
  }

  Result<void> arg_max(const TfliteOperator& op) {
    const Extents named = TRY(integers(op, 1));
    const std::optional<std::size_t> axis =
        named.size() == 1 ? axis_of(named[0], rank(op.inputs[0])) : std::nullopt;
    if (!axis) return corrupt("it names no axis that is there");
    const std::string x = TRY(file_order(op.inputs[0]));
    std::string result = builder_.add("ArgMax", {x});
    set_int_attribute(builder_.last(), "axis", static_cast<std::int64_t>(*axis));
    set_int_attribute(builder_.last(), "keepdims", 0);
    if (tensor(op.outputs[0]).type != TfliteType::int64) {
      result = builder_.add("Cast", {result});
      set_int_attribute(builder_.last(), "to", onnx::TensorProto::INT32);
    }
    return set(op.outputs[0], std::move(result), false);
  }

  Result<void> gather_nd(const TfliteOperator& op) {
    const std::string x = TRY(file_order(op.inputs[0]));
    const std::string places = TRY(file_order(op.inputs[1]));
    const std::string wide = builder_.add("Cast", {places});
    set_int_attribute(builder_.last(), "to", onnx::TensorProto::INT64);
    return set(op.outputs[0], builder_.add("GatherND", {x, wide}), false);
  }

  TfliteModel model_;
  std::vector<Value> values_;
  std::vector<Constant> constants_;
  std::uint64_t elements_left_;  ///< That the graph's constants may still have.
  OnnxBuilder builder_;
  std::string_view onnx_name_;  ///< Of the operator that is being written.
};

}  // namespace

Result<std::vector<std::byte>> onnx_from_tflite(std::span<const std::byte> bytes) {
  TfliteModel model = TRY(TfliteModel::read(bytes));
  return TfliteWriter(std::move(model), bytes.size()).write();
}

}  // namespace retinue
