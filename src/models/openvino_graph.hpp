/// An OpenVINO model's layers, and the ONNX graph that they become. Private to this module:
/// third-party types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pugixml.hpp>

#include "base/result.hpp"
#include "models/onnx_builder.hpp"

namespace retinue {

/// One end of an edge: layer and port by their ids.
using OpenvinoPort = std::pair<std::string, std::string>;

/// A layer with the ports that its inputs come from.
struct OpenvinoLayer {
  pugi::xml_node node;
  std::vector<OpenvinoPort> inputs;

  /// "" where there is none.
  std::string attribute(const char* name) const { return node.attribute(name).as_string(); }

  /// The operator's own attributes.
  pugi::xml_node data() const { return node.child("data"); }

  /// Errors  corrupt_input: no list of whole numbers with commas between them.
  Result<std::vector<std::int64_t>> numbers(const char* data_attribute) const;

  /// Of the constant or the input that the layer makes.
  ///
  /// Errors  corrupt_input: open, or larger than any file can hold.
  Result<std::vector<std::int64_t>> shape() const;

  /// Of one of its inputs; nullopt: an extent is open, or the file does not say.
  std::optional<std::vector<std::int64_t>> input_shape(std::size_t input) const;

  /// The port of its first output: every operator that is known here makes one value.
  OpenvinoPort output_port() const;
};

/// The greatest extent of an axis.
inline constexpr std::int64_t kOpenvinoMaxExtent = std::int64_t{1} << 24;

/// Errors of all  corrupt_input: the file contradicts itself. unsupported: what is not known here.
///
/// Borrows the document and the weights. Thread-bound.
class OpenvinoGraph {
 public:
  explicit OpenvinoGraph(std::span<const std::byte> weights);

  /// Reads the <net>; then the inputs of the ONNX graph are there.
  Result<void> read(const pugi::xml_node& net);

  /// Every layer behind those it reads; among others as in the file. Once.
  Result<std::vector<OpenvinoLayer>> layers_in_order();

  OnnxBuilder& builder() { return builder_; }
  std::span<const std::byte> weights() const { return weights_; }

  /// The value that an input of a layer is, in the graph.
  Result<std::string> input(const OpenvinoLayer& layer, std::size_t index);
  Result<std::vector<std::string>> all_inputs(const OpenvinoLayer& layer);

  /// Null: it is made when the model runs. Lives as long as this.
  const ConstantTensor* constant_input(const OpenvinoLayer& layer, std::size_t index) const;

  /// Of a constant without which an operator cannot be.
  Result<std::vector<std::int64_t>> integers(const OpenvinoLayer& layer, std::size_t index) const;

  /// The name of the layer that makes an input.
  std::string maker_of_input(const OpenvinoLayer& layer, std::size_t index) const;

  Result<void> set(const OpenvinoLayer& layer, std::string value);
  void set_constant(const OpenvinoLayer& layer, ConstantTensor constant);

  /// Adds a constant that is not in the file as it is.
  Result<std::string> add_constant(const ConstantTensor& constant);

  /// Before elements are copied: all constants together must not be larger than the weights can
  /// mean. As of a TensorFlow Lite file they may share bytes, but not for ever.
  Result<void> take_elements(std::uint64_t count);

 private:
  Result<void> read_layers(const pugi::xml_node& net);
  Result<void> read_edges(const pugi::xml_node& net);
  Result<void> add_inputs();
  Result<OpenvinoLayer> layer_of(const std::string& id) const;

  std::span<const std::byte> weights_;
  std::uint64_t elements_left_;                   ///< That the graph's constants may still have.
  std::map<std::string, pugi::xml_node> layers_;  ///< By id.
  std::vector<std::string> in_file_order_;        ///< Their ids.
  std::map<OpenvinoPort, OpenvinoPort> sources_;  ///< Of each input.
  std::map<std::string, std::vector<std::string>> readers_;  ///< Of a layer, one entry a use.
  std::map<std::string, int> unmade_inputs_;
  std::map<OpenvinoPort, std::string> values_;
  std::map<OpenvinoPort, ConstantTensor> constants_;
  OnnxBuilder builder_;
};

inline tl::unexpected<Error> corrupt_openvino(const std::string& what) {
  return fail(ErrorCode::corrupt_input, "the OpenVINO model is damaged: " + what);
}

inline tl::unexpected<Error> unsupported_openvino(const std::string& what) {
  return fail(ErrorCode::unsupported, what);
}

}  // namespace retinue
