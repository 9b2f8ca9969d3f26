#include "models/openvino_graph.hpp"

#include <algorithm>
#include <charconv>

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;

constexpr std::uint64_t kMaxElementsPerByte = 16;
constexpr std::uint64_t kElementsOfAnyFile = std::uint64_t{1} << 20;

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

bool is_extent(std::int64_t extent) {
  return extent >= 0 && extent <= kOpenvinoMaxExtent;
}

std::string text(const pugi::xml_node& node, const char* attribute) {
  return node.attribute(attribute).as_string();
}

}  // namespace

Result<Extents> OpenvinoLayer::numbers(const char* data_attribute) const {
  const std::string value = text(data(), data_attribute);
  const std::optional<Extents> parsed = parse_numbers(value);
  if (!parsed) {
    return corrupt_openvino(std::string(data_attribute) + " '" + value + "' is no list of numbers");
  }
  return *parsed;
}

Result<Extents> OpenvinoLayer::shape() const {
  Extents shape = TRY(numbers("shape"));
  if (shape.size() > 8 || !std::ranges::all_of(shape, is_extent)) {
    return corrupt_openvino("it has a shape that is open, or that no file can hold");
  }
  return shape;
}

std::optional<Extents> OpenvinoLayer::input_shape(std::size_t input) const {
  pugi::xml_node port = node.child("input").child("port");
  while (input-- > 0)
    port = port.next_sibling("port");
  Extents shape;
  for (const pugi::xml_node dimension : port.children("dim")) {
    const std::int64_t extent = dimension.text().as_llong(-1);
    if (!is_extent(extent)) return std::nullopt;
    shape.push_back(extent);
  }
  return shape;
}

OpenvinoPort OpenvinoLayer::output_port() const {
  return {attribute("id"), text(node.child("output").child("port"), "id")};
}

OpenvinoGraph::OpenvinoGraph(std::span<const std::byte> weights)
    : weights_(weights),
      elements_left_(weights.size() * kMaxElementsPerByte + kElementsOfAnyFile),
      builder_("OpenVINO") {}

Result<void> OpenvinoGraph::read(const pugi::xml_node& net) {
  TRY(read_layers(net));
  TRY(read_edges(net));
  return add_inputs();
}

Result<void> OpenvinoGraph::read_layers(const pugi::xml_node& net) {
  for (const pugi::xml_node layer : net.child("layers").children("layer")) {
    if (!layers_.emplace(text(layer, "id"), layer).second) {
      return corrupt_openvino("the layer " + text(layer, "id") + " is there twice");
    }
    in_file_order_.push_back(text(layer, "id"));
  }
  if (layers_.empty()) return corrupt_openvino("it has no layers");
  return {};
}

Result<void> OpenvinoGraph::read_edges(const pugi::xml_node& net) {
  for (const pugi::xml_node edge : net.child("edges").children("edge")) {
    const OpenvinoPort from{text(edge, "from-layer"), text(edge, "from-port")};
    const OpenvinoPort to{text(edge, "to-layer"), text(edge, "to-port")};
    if (!layers_.contains(from.first) || !layers_.contains(to.first)) {
      return corrupt_openvino("an edge leads to a layer that is not there");
    }
    if (!sources_.emplace(to, from).second) {
      return corrupt_openvino("two edges lead to one port");
    }
    readers_[from.first].push_back(to.first);
    ++unmade_inputs_[to.first];
  }
  return {};
}

/// Before all else, so that they are in the order of their names.
Result<void> OpenvinoGraph::add_inputs() {
  std::map<std::string, OpenvinoLayer> sorted;
  for (const auto& [id, node] : layers_) {
    if (text(node, "type") != "Parameter") continue;
    if (!sorted.emplace(text(node, "name"), OpenvinoLayer{.node = node, .inputs = {}}).second) {
      return corrupt_openvino("two inputs have the name '" + text(node, "name") + "'");
    }
  }
  for (const auto& [name, layer] : sorted) {
    const std::string type = text(layer.data(), "element_type");
    if (type != "f32" && type != "f16") {
      return unsupported_openvino("the input '" + name + "' has elements of type '" + type +
                                  "': f32 and f16 are read");
    }
    const Extents shape = TRY(layer.shape());
    values_[layer.output_port()] = builder_.add_input(name, shape);
  }
  return {};
}

Result<std::vector<OpenvinoLayer>> OpenvinoGraph::layers_in_order() {
  std::vector<std::string> ready;
  for (const std::string& id : in_file_order_) {
    if (unmade_inputs_[id] == 0) ready.push_back(id);
  }
  std::vector<OpenvinoLayer> order;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const std::string id = ready[i];
    OpenvinoLayer layer = TRY(layer_of(id));
    order.push_back(std::move(layer));
    for (const std::string& reader : readers_[id]) {
      if (--unmade_inputs_[reader] == 0) ready.push_back(reader);
    }
  }
  if (order.size() != layers_.size()) {
    return corrupt_openvino("its layers read each other in a circle");
  }
  return order;
}

Result<OpenvinoLayer> OpenvinoGraph::layer_of(const std::string& id) const {
  OpenvinoLayer layer{.node = layers_.at(id), .inputs = {}};
  for (const pugi::xml_node port : layer.node.child("input").children("port")) {
    const auto source = sources_.find({id, text(port, "id")});
    if (source == sources_.end()) {
      return corrupt_openvino("no edge leads to port " + text(port, "id") + " of layer '" +
                              layer.attribute("name") + "'");
    }
    layer.inputs.push_back(source->second);
  }
  return layer;
}

Result<std::string> OpenvinoGraph::input(const OpenvinoLayer& layer, std::size_t index) {
  const OpenvinoPort& source = layer.inputs[index];
  if (const auto made = values_.find(source); made != values_.end()) return made->second;
  const auto constant = constants_.find(source);
  if (constant == constants_.end()) return corrupt_openvino("nothing makes what it reads");
  const std::string name = TRY(add_constant(constant->second));
  values_[source] = name;
  return name;
}

Result<std::vector<std::string>> OpenvinoGraph::all_inputs(const OpenvinoLayer& layer) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    const std::string value = TRY(input(layer, i));
    values.push_back(value);
  }
  return values;
}

const ConstantTensor* OpenvinoGraph::constant_input(const OpenvinoLayer& layer,
                                                    std::size_t index) const {
  const auto found = constants_.find(layer.inputs[index]);
  return found == constants_.end() ? nullptr : &found->second;
}

Result<Extents> OpenvinoGraph::integers(const OpenvinoLayer& layer, std::size_t index) const {
  const ConstantTensor* found = constant_input(layer, index);
  if (found == nullptr) return unsupported_openvino("an input that must be constant is not");
  if (found->kind == ConstantTensor::Kind::real) {
    return corrupt_openvino("an index is no whole number");
  }
  return found->integers;
}

std::string OpenvinoGraph::maker_of_input(const OpenvinoLayer& layer, std::size_t index) const {
  return text(layers_.at(layer.inputs[index].first), "name");
}

Result<void> OpenvinoGraph::set(const OpenvinoLayer& layer, std::string value) {
  values_[layer.output_port()] = std::move(value);
  return {};
}

void OpenvinoGraph::set_constant(const OpenvinoLayer& layer, ConstantTensor constant) {
  constants_[layer.output_port()] = std::move(constant);
}

Result<std::string> OpenvinoGraph::add_constant(const ConstantTensor& constant) {
  TRY(take_elements(constant.size()));
  return builder_.add_constant(constant);
}

Result<void> OpenvinoGraph::take_elements(std::uint64_t count) {
  if (count > elements_left_) {
    return corrupt_openvino("all constants together are larger than the weights can mean");
  }
  elements_left_ -= count;
  return {};
}

}  // namespace retinue
