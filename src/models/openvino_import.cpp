#include "models/openvino_import.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pugixml.hpp>

#include "models/onnx_builder.hpp"
#include "models/onnx_graph.hpp"

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

constexpr std::int64_t kMaxExtent = std::int64_t{1} << 24;
/// As of a TensorFlow Lite file: constants may share bytes, but not for ever.
constexpr std::uint64_t kMaxElementsPerByte = 16;
constexpr std::uint64_t kElementsOfAnyFile = std::uint64_t{1} << 20;

/// One end of an edge: layer and port by their ids.
using Port = std::pair<std::string, std::string>;

/// Numbers with commas between them; nullopt: something else.
std::optional<Extents> parse_numbers(std::string_view text) {
  Extents numbers;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (part.starts_with(' '))
      part.remove_prefix(1);
    while (part.ends_with(' '))
      part.remove_suffix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    numbers.push_back(number);
  }
  return numbers;
}

/// Writes one model. Made for one use.
class OpenvinoWriter {
 public:
  explicit OpenvinoWriter(std::span<const std::byte> weights)
      : weights_(weights),
        elements_left_(weights.size() * kMaxElementsPerByte + kElementsOfAnyFile),
        builder_("OpenVINO") {}

  Result<std::vector<std::byte>> write(const pugi::xml_document& document) {
    const pugi::xml_node net = document.child("net");
    if (!net) return corrupt("it has no <net>");
    const std::string_view version = net.attribute("version").as_string();
    if (version != "10" && version != "11") {
      return fail(ErrorCode::unsupported, "the OpenVINO model is of IR version '" +
                                              std::string(version) + "': 10 and 11 are read");
    }
    TRY(read_layers(net));
    TRY(read_edges(net));
    TRY(add_inputs());
    const std::vector<const pugi::xml_node*> order = TRY(topological_order());
    for (const pugi::xml_node* layer : order) {
      Result<void> added = add_layer(*layer);
      if (!added) {
        return tl::unexpected(std::move(added).error().with_context(
            "operator " + text(*layer, "type") + " (" + text(*layer, "version") + ") in layer '" +
            text(*layer, "name") + "'"));
      }
    }
    return builder_.finish();
  }

 private:
  using Rule = Result<void> (OpenvinoWriter::*)(const pugi::xml_node&);

  /// How an operator is written.
  struct KnownOperator {
    std::string_view type;
    Rule rule;
    std::size_t inputs;       ///< At least.
    std::string_view onnx{};  ///< Of operators that ONNX has too.
  };

  static const KnownOperator* find_rule(std::string_view type) {
    static constexpr std::array kRules{
        KnownOperator{"Add", &OpenvinoWriter::plain, 2, "Add"},
        KnownOperator{"Concat", &OpenvinoWriter::concat, 1},
        KnownOperator{"Const", &OpenvinoWriter::constant, 0},
        KnownOperator{"Convert", &OpenvinoWriter::convert, 1},
        KnownOperator{"Convolution", &OpenvinoWriter::convolution, 2},
        KnownOperator{"Divide", &OpenvinoWriter::plain, 2, "Div"},
        KnownOperator{"GroupConvolution", &OpenvinoWriter::group_convolution, 2},
        KnownOperator{"MatMul", &OpenvinoWriter::mat_mul, 2},
        KnownOperator{"MaxPool", &OpenvinoWriter::max_pool, 1},
        KnownOperator{"Multiply", &OpenvinoWriter::plain, 2, "Mul"},
        KnownOperator{"Parameter", &OpenvinoWriter::parameter, 0},
        KnownOperator{"ReLU", &OpenvinoWriter::plain, 1, "Relu"},
        KnownOperator{"Reshape", &OpenvinoWriter::reshape, 2},
        KnownOperator{"Result", &OpenvinoWriter::result, 1},
        KnownOperator{"Sigmoid", &OpenvinoWriter::plain, 1, "Sigmoid"},
        KnownOperator{"Squeeze", &OpenvinoWriter::plain, 2, "Squeeze"},
        KnownOperator{"StridedSlice", &OpenvinoWriter::strided_slice, 3},
        KnownOperator{"Subtract", &OpenvinoWriter::plain, 2, "Sub"},
        KnownOperator{"Tanh", &OpenvinoWriter::plain, 1, "Tanh"},
        KnownOperator{"Unsqueeze", &OpenvinoWriter::plain, 2, "Unsqueeze"},
    };
    const auto* found = std::ranges::find(kRules, type, &KnownOperator::type);
    return found == kRules.end() ? nullptr : found;
  }

  static tl::unexpected<Error> corrupt(const std::string& what) {
    return fail(ErrorCode::corrupt_input, "the OpenVINO model is damaged: " + what);
  }

  static tl::unexpected<Error> unsupported(const std::string& what) {
    return fail(ErrorCode::unsupported, what);
  }

  static std::string text(const pugi::xml_node& node, const char* attribute) {
    return node.attribute(attribute).as_string();
  }

  // The graph.

  Result<void> read_layers(const pugi::xml_node& net) {
    for (const pugi::xml_node layer : net.child("layers").children("layer")) {
      if (!layers_.emplace(text(layer, "id"), layer).second) {
        return corrupt("the layer " + text(layer, "id") + " is there twice");
      }
      in_file_order_.push_back(text(layer, "id"));
    }
    if (layers_.empty()) return corrupt("it has no layers");
    return {};
  }

  Result<void> read_edges(const pugi::xml_node& net) {
    for (const pugi::xml_node edge : net.child("edges").children("edge")) {
      const Port from{text(edge, "from-layer"), text(edge, "from-port")};
      const Port to{text(edge, "to-layer"), text(edge, "to-port")};
      if (!layers_.contains(from.first) || !layers_.contains(to.first)) {
        return corrupt("an edge leads to a layer that is not there");
      }
      if (!sources_.emplace(to, from).second) return corrupt("two edges lead to one port");
      readers_[from.first].push_back(to.first);
      ++unmade_inputs_[to.first];
    }
    return {};
  }

  /// Every layer behind those it reads; among others as in the file.
  Result<std::vector<const pugi::xml_node*>> topological_order() {
    std::vector<const pugi::xml_node*> order;
    Names ready;
    for (const std::string& id : in_file_order_) {
      if (unmade_inputs_[id] == 0) ready.push_back(id);
    }
    for (std::size_t i = 0; i < ready.size(); ++i) {
      const std::string id = ready[i];
      order.push_back(&layers_.at(id));
      for (const std::string& reader : readers_[id]) {
        if (--unmade_inputs_[reader] == 0) ready.push_back(reader);
      }
    }
    if (order.size() != layers_.size()) return corrupt("its layers read each other in a circle");
    return order;
  }

  Result<void> add_layer(const pugi::xml_node& layer) {
    const KnownOperator* known = find_rule(layer.attribute("type").as_string());
    if (known == nullptr) return unsupported("this operator is not supported");
    inputs_.clear();
    for (const pugi::xml_node port : layer.child("input").children("port")) {
      const auto source = sources_.find({text(layer, "id"), text(port, "id")});
      if (source == sources_.end()) return corrupt("no edge leads to its port " + text(port, "id"));
      inputs_.push_back(source->second);
    }
    if (inputs_.size() < known->inputs) return corrupt("it lacks inputs");
    onnx_name_ = known->onnx;
    return (this->*known->rule)(layer);
  }

  // Attributes and shapes.

  static Result<Extents> numbers(const pugi::xml_node& layer, const char* attribute) {
    const std::string value = text(layer.child("data"), attribute);
    const std::optional<Extents> parsed = parse_numbers(value);
    if (!parsed) return corrupt(std::string(attribute) + " '" + value + "' is no list of numbers");
    return *parsed;
  }

  static Result<Extents> shape_attribute(const pugi::xml_node& layer) {
    Extents shape = TRY(numbers(layer, "shape"));
    const bool sane = shape.size() <= 8 && std::ranges::all_of(shape, [](std::int64_t extent) {
                        return extent >= 0 && extent <= kMaxExtent;
                      });
    if (!sane) return corrupt("it has a shape that is open, or that no file can hold");
    return shape;
  }

  /// Of a <port>; nullopt: an extent is open.
  static std::optional<Extents> port_shape(const pugi::xml_node& port) {
    Extents shape;
    for (const pugi::xml_node dimension : port.children("dim")) {
      const std::int64_t extent = dimension.text().as_llong(-1);
      if (extent < 0 || extent > kMaxExtent) return std::nullopt;
      shape.push_back(extent);
    }
    return shape;
  }

  static pugi::xml_node port_at(const pugi::xml_node& ports, std::size_t index) {
    pugi::xml_node port = ports.child("port");
    while (index-- > 0)
      port = port.next_sibling("port");
    return port;
  }

  // Values.

  Result<const ConstantTensor*> constant_input(std::size_t index) {
    const auto found = constants_.find(inputs_[index]);
    if (found == constants_.end()) return unsupported("an input that must be constant is not");
    return &found->second;
  }

  Result<Extents> integers(std::size_t index) {
    const ConstantTensor* found = TRY(constant_input(index));
    if (found->kind == ConstantTensor::Kind::real) return corrupt("an index is no whole number");
    return found->integers;
  }

  Result<std::string> input(std::size_t index) {
    const Port& source = inputs_[index];
    if (const auto made = values_.find(source); made != values_.end()) return made->second;
    const auto constant = constants_.find(source);
    if (constant == constants_.end()) return corrupt("nothing makes what it reads");
    const std::string name = TRY(add_constant(constant->second));
    values_[source] = name;
    return name;
  }

  Result<std::string> add_constant(const ConstantTensor& constant) {
    if (constant.size() > elements_left_) {
      return corrupt("all constants together are larger than the weights can mean");
    }
    elements_left_ -= constant.size();
    return builder_.add_constant(constant);
  }

  /// Every operator here makes one value that others read: that of its first output.
  static Port output_port(const pugi::xml_node& layer) {
    return {text(layer, "id"), text(layer.child("output").child("port"), "id")};
  }

  Result<void> set(const pugi::xml_node& layer, std::string name) {
    values_[output_port(layer)] = std::move(name);
    return {};
  }

  // Ends.

  /// Before all else, so that they are in the order of their names.
  Result<void> add_inputs() {
    std::map<std::string, const pugi::xml_node*> sorted;
    for (const auto& [id, layer] : layers_) {
      if (text(layer, "type") != "Parameter") continue;
      if (!sorted.emplace(text(layer, "name"), &layer).second) {
        return corrupt("two inputs have the name '" + text(layer, "name") + "'");
      }
    }
    for (const auto& [name, layer] : sorted) {
      const std::string type = text(layer->child("data"), "element_type");
      if (type != "f32" && type != "f16") {
        return unsupported("the input '" + name + "' has elements of type '" + type +
                           "': f32 and f16 are read");
      }
      const Extents shape = TRY(shape_attribute(*layer));
      values_[output_port(*layer)] = builder_.add_input(name, shape);
    }
    return {};
  }

  Result<void> parameter(const pugi::xml_node& /*layer*/) { return {}; }

  /// Named after the layer that makes it.
  Result<void> result(const pugi::xml_node& layer) {
    const std::optional<Extents> shape = port_shape(layer.child("input").child("port"));
    if (!shape) return unsupported("its shape is open");
    const std::string value = TRY(input(0));
    builder_.add_output(value, text(layers_.at(inputs_[0].first), "name"), *shape,
                        onnx::TensorProto::FLOAT);
    return {};
  }

  // Constants.

  Result<void> constant(const pugi::xml_node& layer) {
    const pugi::xml_node data = layer.child("data");
    const std::string type = text(data, "element_type");
    ConstantTensor constant;
    constant.shape = TRY(shape_attribute(layer));
    std::uint64_t count = 1;
    for (const std::int64_t extent : constant.shape) {
      count *= static_cast<std::uint64_t>(extent);
      if (count > elements_left_) return corrupt("it is larger than the weights can mean");
    }
    elements_left_ -= count;
    const std::uint64_t element_bytes = bytes_of(type);
    if (element_bytes == 0) {
      return unsupported("elements of type '" + type +
                         "' are not read: f16, f32, i32, i64, u64 are");
    }
    const std::uint64_t offset = data.attribute("offset").as_ullong();
    if (offset > weights_.size() || (weights_.size() - offset) / element_bytes < count) {
      return corrupt("its data lie outside the " + std::to_string(weights_.size()) +
                     " bytes of the .bin file");
    }
    const std::span<const std::byte> raw = weights_.subspan(offset, count * element_bytes);
    onnx::TensorProto tensor;
    tensor.set_raw_data(raw.data(), raw.size());
    if (type == "f16" || type == "f32") {
      tensor.set_data_type(type == "f16" ? onnx::TensorProto::FLOAT16 : onnx::TensorProto::FLOAT);
      constant.reals = *float_elements(tensor);
    } else {
      constant.kind = ConstantTensor::Kind::int64;
      constant.integers.resize(count);
      for (std::uint64_t i = 0; i < count; ++i) {
        std::int64_t number = 0;
        std::memcpy(&number, raw.data() + i * element_bytes, element_bytes);
        constant.integers[i] = element_bytes == 4 ? static_cast<std::int32_t>(number) : number;
      }
    }
    constants_[output_port(layer)] = std::move(constant);
    return {};
  }

  /// 0: not read.
  static std::uint64_t bytes_of(std::string_view type) {
    if (type == "f16") return 2;
    if (type == "f32" || type == "i32") return 4;
    if (type == "i64" || type == "u64") return 8;
    return 0;
  }

  /// Between kinds of real numbers: all are float32 here.
  Result<void> convert(const pugi::xml_node& layer) {
    const std::string type = text(layer.child("data"), "destination_type");
    if (type != "f32" && type != "f16") return unsupported("it converts to '" + type + "'");
    const auto constant = constants_.find(inputs_[0]);
    if (constant == constants_.end()) {
      std::string value = TRY(input(0));
      return set(layer, std::move(value));
    }
    if (constant->second.kind != ConstantTensor::Kind::real) {
      return unsupported("it makes whole numbers real");
    }
    // A constant has one reader as a rule: the conversion takes it.
    ConstantTensor converted = constant->second;
    if (converted.size() > elements_left_) {
      return corrupt("all constants together are larger than the weights can mean");
    }
    elements_left_ -= converted.size();
    constants_[output_port(layer)] = std::move(converted);
    return {};
  }

  // Operators.

  Result<void> plain(const pugi::xml_node& layer) {
    const std::string onnx(onnx_name_);
    const std::string_view broadcast =
        layer.child("data").attribute("auto_broadcast").as_string("numpy");
    if (broadcast != "numpy" && broadcast != "none") {
      return unsupported("it broadcasts in the way '" + std::string(broadcast) + "'");
    }
    Names operands;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const std::string operand = TRY(input(i));
      operands.push_back(operand);
    }
    return set(layer, builder_.add(onnx, operands));
  }

  Result<void> concat(const pugi::xml_node& layer) {
    Names operands;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const std::string operand = TRY(input(i));
      operands.push_back(operand);
    }
    std::string joined = builder_.add("Concat", operands);
    set_int_attribute(builder_.last(), "axis", layer.child("data").attribute("axis").as_llong());
    return set(layer, std::move(joined));
  }

  Result<void> mat_mul(const pugi::xml_node& layer) {
    const std::array<const char*, 2> flags{"transpose_a", "transpose_b"};
    Names operands;
    for (std::size_t i = 0; i < 2; ++i) {
      std::string operand = TRY(input(i));
      if (layer.child("data").attribute(flags.at(i)).as_bool()) {
        const pugi::xml_node port = port_at(layer.child("input"), i);
        if (std::distance(port.children("dim").begin(), port.children("dim").end()) != 2) {
          return unsupported("it transposes a value that does not have two axes");
        }
        constexpr std::array<std::int64_t, 2> kTurned{1, 0};
        const auto constant = constants_.find(inputs_[i]);
        if (constant != constants_.end() && constant->second.shape.size() == 2) {
          operand = TRY(add_constant(transposed(constant->second, kTurned)));
        } else {
          operand = builder_.transpose(operand, kTurned);
        }
      }
      operands.push_back(std::move(operand));
    }
    return set(layer, builder_.add("MatMul", operands));
  }

  /// Sets how the window of the last node slides.
  Result<void> slide(const pugi::xml_node& layer, bool dilates) {
    const Extents strides = TRY(numbers(layer, "strides"));
    set_ints_attribute(builder_.last(), "strides", strides);
    if (dilates) {
      const Extents dilations = TRY(numbers(layer, "dilations"));
      set_ints_attribute(builder_.last(), "dilations", dilations);
    }
    const std::string_view mode = layer.child("data").attribute("auto_pad").as_string("explicit");
    if (mode == "explicit" || mode == "notset") {
      Extents pads = TRY(numbers(layer, "pads_begin"));
      const Extents after = TRY(numbers(layer, "pads_end"));
      pads.insert(pads.end(), after.begin(), after.end());
      set_ints_attribute(builder_.last(), "pads", pads);
      return {};
    }
    if (mode == "valid") return {};
    if (mode != "same_upper" && mode != "same_lower") {
      return unsupported("it pads in the way '" + std::string(mode) + "'");
    }
    set_text_attribute(builder_.last(), "auto_pad",
                       mode == "same_upper" ? "SAME_UPPER" : "SAME_LOWER");
    return {};
  }

  Result<void> convolution(const pugi::xml_node& layer) {
    const std::string x = TRY(input(0));
    const std::string weights = TRY(input(1));
    std::string made = builder_.add("Conv", {x, weights});
    TRY(slide(layer, true));
    return set(layer, std::move(made));
  }

  /// Weights [groups, outputs of a group, inputs of a group, rows, columns] become one axis less.
  Result<void> group_convolution(const pugi::xml_node& layer) {
    const ConstantTensor* found = TRY(constant_input(1));
    ConstantTensor weights = *found;
    if (weights.shape.size() < 3 || weights.kind != ConstantTensor::Kind::real) {
      return corrupt("its weights lack axes");
    }
    const std::int64_t groups = weights.shape[0];
    weights.shape[1] *= groups;
    weights.shape.erase(weights.shape.begin());
    const std::string x = TRY(input(0));
    const std::string taps = TRY(add_constant(weights));
    std::string made = builder_.add("Conv", {x, taps});
    set_int_attribute(builder_.last(), "group", groups);
    TRY(slide(layer, true));
    return set(layer, std::move(made));
  }

  Result<void> max_pool(const pugi::xml_node& layer) {
    const std::string x = TRY(input(0));
    const Extents kernel = TRY(numbers(layer, "kernel"));
    std::string made = builder_.add("MaxPool", {x});
    set_ints_attribute(builder_.last(), "kernel_shape", kernel);
    const std::string_view rounding =
        layer.child("data").attribute("rounding_type").as_string("floor");
    if (rounding != "floor" && rounding != "ceil") {
      return unsupported("it rounds in the way '" + std::string(rounding) + "'");
    }
    set_int_attribute(builder_.last(), "ceil_mode", rounding == "ceil" ? 1 : 0);
    TRY(slide(layer, layer.child("data").attribute("dilations")));
    return set(layer, std::move(made));
  }

  Result<void> reshape(const pugi::xml_node& layer) {
    const Extents target = TRY(integers(1));
    const bool copies = layer.child("data").attribute("special_zero").as_bool();
    if (!copies && std::ranges::count(target, 0) > 0) return unsupported("its result is empty");
    const std::string x = TRY(input(0));
    return set(layer, builder_.add("Reshape", {x, builder_.add_integers(target)}));
  }

  Result<void> strided_slice(const pugi::xml_node& layer) {
    const std::optional<Extents> shape = port_shape(port_at(layer.child("input"), 0));
    if (!shape) return unsupported("its picture's shape is open");
    for (const char* mask : {"new_axis_mask", "shrink_axis_mask", "ellipsis_mask"}) {
      const Extents bits = TRY(numbers(layer, mask));
      if (std::ranges::any_of(bits, [](std::int64_t bit) { return bit != 0; })) {
        return unsupported("its " + std::string(mask) + " is not 0");
      }
    }
    const Extents begin = TRY(integers(1));
    const Extents end = TRY(integers(2));
    Extents step(begin.size(), 1);
    if (inputs_.size() > 3) step = TRY(integers(3));
    Extents begin_mask = TRY(numbers(layer, "begin_mask"));
    Extents end_mask = TRY(numbers(layer, "end_mask"));
    const std::size_t count = begin.size();
    begin_mask.resize(count, 0);
    end_mask.resize(count, 0);
    if (count > shape->size() || end.size() != count || step.size() != count) {
      return corrupt("it does not name one place for each axis");
    }
    Extents starts;
    Extents ends;
    Extents axes;
    for (std::size_t axis = 0; axis < count; ++axis) {
      if (step[axis] != 1) return unsupported("it takes steps other than 1");
      const std::int64_t extent = (*shape)[axis];
      const auto place = [&](std::int64_t named) {
        if (named < -kMaxExtent) return std::int64_t{0};
        return std::clamp<std::int64_t>(named < 0 ? named + extent : named, 0, extent);
      };
      const std::int64_t first = begin_mask[axis] != 0 ? 0 : place(begin[axis]);
      const std::int64_t last = end_mask[axis] != 0 ? extent : place(end[axis]);
      if (last <= first) return unsupported("its result is empty");
      if (first == 0 && last == extent) continue;
      starts.push_back(first);
      ends.push_back(last);
      axes.push_back(static_cast<std::int64_t>(axis));
    }
    std::string value = TRY(input(0));
    if (!axes.empty()) {
      value = builder_.add("Slice", {value, builder_.add_integers(starts),
                                     builder_.add_integers(ends), builder_.add_integers(axes)});
    }
    return set(layer, std::move(value));
  }

  std::span<const std::byte> weights_;
  std::uint64_t elements_left_;                   ///< That the graph's constants may still have.
  std::map<std::string, pugi::xml_node> layers_;  ///< By id.
  Names in_file_order_;                           ///< Their ids.
  std::map<Port, Port> sources_;                  ///< Of each input.
  std::map<std::string, Names> readers_;          ///< Layers that read a layer, one entry a use.
  std::map<std::string, int> unmade_inputs_;
  std::map<Port, std::string> values_;
  std::map<Port, ConstantTensor> constants_;
  OnnxBuilder builder_;
  std::vector<Port> inputs_;    ///< Of the layer that is being written.
  std::string_view onnx_name_;  ///< Its operator's.
};

}  // namespace

bool is_xml(std::span<const std::byte> bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '<';
}

Result<std::vector<std::byte>> onnx_from_openvino(std::span<const std::byte> xml,
                                                  std::span<const std::byte> weights) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed) {
    return fail(ErrorCode::corrupt_input, "not an OpenVINO model, or cut short: at byte " +
                                              std::to_string(parsed.offset) +
                                              " of the XML: " + parsed.description());
  }
  return OpenvinoWriter(weights).write(document);
}

}  // namespace retinue
