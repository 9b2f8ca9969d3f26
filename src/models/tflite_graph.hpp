/// The ONNX graph that a TensorFlow Lite model becomes, while it is written. Private to this
/// module.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "models/onnx_builder.hpp"
#include "models/tflite_model.hpp"

namespace retinue {

/// The order of axes of pictures: [N, H, W, C] in the file, [N, C, H, W] in ONNX ("planar").
inline constexpr std::array<std::int64_t, 4> kPlanarFromFile{0, 3, 1, 2};
inline constexpr std::array<std::int64_t, 4> kFileFromPlanar{0, 2, 3, 1};

/// [N, H, W, C] as [N, C, H, W].
std::vector<std::int64_t> planar_shape(const std::vector<std::int64_t>& shape);

std::int64_t product_of(const std::vector<std::int64_t>& shape);

/// Knows for every tensor of the file its value in the graph, in one or both orders of its axes,
/// and makes the other order only when an operator asks for it. Tensors are named by their numbers
/// in the file. Thread-bound.
///
/// Errors of all  corrupt_input: the file contradicts itself. unsupported: what is not known here.
class TfliteGraph {
 public:
  /// `file_bytes` bounds what all constants together may be: several operators may read one, but
  /// a file that makes much of that is damaged.
  TfliteGraph(TfliteModel model, std::size_t file_bytes);

  const TfliteModel& model() const { return model_; }
  OnnxBuilder& builder() { return builder_; }

  const TfliteTensor& tensor(std::int32_t number) const;
  const std::vector<std::int64_t>& shape(std::int32_t number) const { return tensor(number).shape; }
  std::size_t rank(std::int32_t number) const { return shape(number).size(); }

  /// True if the value is float32 in the graph: real numbers, and pixels, which are cast first.
  bool is_real_value(std::int32_t number) const;

  /// True if the value is there in planar order.
  bool is_planar(std::int32_t number) const;

  /// True if the result had better be planar: it has four axes, and an operand is planar.
  bool prefers_planar(const TfliteOperator& op) const;

  Result<void> add_inputs();
  Result<void> add_outputs();

  /// Null: it is made when the model runs. Lives as long as this.
  Result<const ConstantTensor*> constant(std::int32_t number);

  /// A constant that an operator cannot do without: real numbers, or whole ones.
  Result<const ConstantTensor*> real_constant(const TfliteOperator& op, std::size_t input);
  Result<std::vector<std::int64_t>> integers(const TfliteOperator& op, std::size_t input);

  /// The name of the value in the graph, in the order of the file.
  Result<std::string> file_order(std::int32_t number);

  /// Likewise, planar, for an operator whose result has four axes: with the axes of 1 that
  /// broadcasting adds.
  Result<std::string> planar_order(std::int32_t number);

  Result<std::string> in_order(std::int32_t number, bool planar) {
    return planar ? planar_order(number) : file_order(number);
  }

  /// Adds a constant that is not in the file as it is.
  Result<std::string> add_constant(const ConstantTensor& elements);

  /// Says which value of the graph a tensor is. Once for each tensor.
  Result<void> set(std::int32_t number, std::string name, bool planar);

  /// Likewise: the constant of another tensor.
  Result<void> set_same_constant(std::int32_t number, std::int32_t source);

  /// The value behind the activation that an operator of the schema carries.
  Result<std::string> activated(const std::string& value, std::int8_t activation);

  std::string clipped_to_6(const std::string& value);

 private:
  /// A tensor that is made when the model runs, in one or both orders. Empty: not yet.
  struct Value {
    std::string file;
    std::string planar;  ///< Of values with four axes only.
  };

  /// A tensor that is known when the model is read.
  struct Constant {
    std::optional<ConstantTensor> elements;  ///< Absent: not read yet, or another tensor's.
    std::optional<std::int32_t> same_as;     ///< The tensor whose elements these are.
    std::string file;                        ///< In the graph. Empty: not yet.
    std::string planar;                      ///< Likewise.
  };

  Value& value(std::int32_t number) { return values_[static_cast<std::size_t>(number)]; }
  const Value& value(std::int32_t number) const {
    return values_[static_cast<std::size_t>(number)];
  }
  Constant& known_constant(std::int32_t number) {
    return constants_[static_cast<std::size_t>(number)];
  }

  Result<const ConstantTensor*> needed_constant(const TfliteOperator& op, std::size_t input,
                                                bool real);
  Result<std::string> planar_constant(std::int32_t number);
  Result<void> check_unmade(std::int32_t number);

  TfliteModel model_;
  std::vector<Value> values_;
  std::vector<Constant> constants_;
  std::uint64_t elements_left_;  ///< That the graph's constants may still have.
  OnnxBuilder builder_;
};

}  // namespace retinue
