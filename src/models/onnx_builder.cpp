#include "models/onnx_builder.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "models/onnx_graph.hpp"

namespace retinue {
namespace {

constexpr std::int64_t kIrVersion = 7;
constexpr std::int64_t kOpset = 13;

using Extents = std::vector<std::int64_t>;

void set_shape(onnx::ValueInfoProto& info, std::span<const std::int64_t> shape, int onnx_type) {
  onnx::TypeProto::Tensor* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(onnx_type);
  tensor->mutable_shape();
  for (const std::int64_t extent : shape)
    tensor->mutable_shape()->add_dim()->set_dim_value(extent);
}

/// Elements between neighbours along each axis.
Extents strides_of(const Extents& shape) {
  Extents strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

template <typename T>
std::vector<T> gather(const std::vector<T>& elements, const Extents& shape,
                      const Extents& strides) {
  std::vector<T> moved;
  moved.reserve(elements.size());
  Extents index(shape.size(), 0);
  std::int64_t from = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    moved.push_back(elements[static_cast<std::size_t>(from)]);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return moved;
}

}  // namespace

ConstantTensor transposed(const ConstantTensor& constant, std::span<const std::int64_t> order) {
  const Extents strides = strides_of(constant.shape);
  ConstantTensor result{.kind = constant.kind, .shape = {}, .reals = {}, .integers = {}};
  Extents moved_strides;
  for (const std::int64_t axis : order) {
    result.shape.push_back(constant.shape[static_cast<std::size_t>(axis)]);
    moved_strides.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  result.reals = gather(constant.reals, result.shape, moved_strides);
  result.integers = gather(constant.integers, result.shape, moved_strides);
  return result;
}

OnnxBuilder::OnnxBuilder(std::string_view producer) {
  model_.set_ir_version(kIrVersion);
  model_.set_producer_name(std::string(producer));
  onnx::OperatorSetIdProto* operators = model_.add_opset_import();
  operators->set_domain("");
  operators->set_version(kOpset);
  graph().set_name("main");
}

std::string OnnxBuilder::fresh_name() {
  return "v" + std::to_string(next_++) + "/";
}

std::string OnnxBuilder::unique_end_name(const std::string& name) {
  std::string unique = name.empty() ? "unnamed" : name;
  if (unique.ends_with('/')) unique += "_";  // values between have such names
  for (int i = 1; !end_names_.insert(unique).second; ++i)
    unique = name + "_" + std::to_string(i);
  return unique;
}

std::string OnnxBuilder::add_input(const std::string& name, std::span<const std::int64_t> shape) {
  onnx::ValueInfoProto* input = graph().add_input();
  input->set_name(unique_end_name(name));
  set_shape(*input, shape, onnx::TensorProto::FLOAT);
  return input->name();
}

std::string OnnxBuilder::add_constant(const ConstantTensor& constant) {
  std::string name = fresh_name();
  onnx::TensorProto* tensor = graph().add_initializer();
  if (constant.kind == ConstantTensor::Kind::real) {
    *tensor = make_float_tensor(name, constant.shape, constant.reals);
    return name;
  }
  *tensor = make_int64_tensor(name, constant.integers);
  tensor->clear_dims();
  for (const std::int64_t extent : constant.shape)
    tensor->add_dims(extent);
  if (constant.kind == ConstantTensor::Kind::int32) {
    const std::vector<std::int32_t> narrow(constant.integers.begin(), constant.integers.end());
    std::string raw(narrow.size() * sizeof(std::int32_t), '\0');
    if (!raw.empty()) std::memcpy(raw.data(), narrow.data(), raw.size());
    tensor->set_raw_data(std::move(raw));
    tensor->set_data_type(onnx::TensorProto::INT32);
  }
  return name;
}

std::string OnnxBuilder::add_scalar(float value) {
  return add_constant(
      {.kind = ConstantTensor::Kind::real, .shape = {}, .reals = {value}, .integers = {}});
}

std::string OnnxBuilder::add_integers(std::span<const std::int64_t> values) {
  std::string name = fresh_name();
  *graph().add_initializer() = make_int64_tensor(name, values);
  return name;
}

std::string OnnxBuilder::add_index(std::int64_t value) {
  return add_constant(
      {.kind = ConstantTensor::Kind::int64, .shape = {}, .reals = {}, .integers = {value}});
}

std::string OnnxBuilder::add(std::string_view op, const std::vector<std::string>& inputs) {
  std::string name = fresh_name();
  onnx::NodeProto* node = graph().add_node();
  node->set_op_type(std::string(op));
  for (const std::string& input : inputs)
    node->add_input(input);
  node->add_output(name);
  return name;
}

std::string OnnxBuilder::transpose(const std::string& value, std::span<const std::int64_t> order) {
  std::string source = value;
  Extents whole(order.begin(), order.end());
  const auto earlier = transpositions_.find(value);
  // A file may say other ranks of one value in two places; the runtime will refuse it.
  if (earlier != transpositions_.end() && earlier->second.second.size() == order.size()) {
    source = earlier->second.first;
    for (std::int64_t& axis : whole)
      axis = earlier->second.second[static_cast<std::size_t>(axis)];
  }
  Extents same(whole.size());
  std::iota(same.begin(), same.end(), 0);
  if (whole == same) return source;
  std::string result = add("Transpose", {source});
  set_ints_attribute(last(), "perm", whole);
  transpositions_[result] = {source, whole};
  return result;
}

void OnnxBuilder::add_output(const std::string& value, const std::string& name,
                             std::span<const std::int64_t> shape, int onnx_type) {
  Output output{.value = value, .info = {}};
  output.info.set_name(unique_end_name(name));
  set_shape(output.info, shape, onnx_type);
  outputs_.push_back(std::move(output));
}

/// A value that is one output gets its name; one that is several, an input or a constant is copied.
void OnnxBuilder::name_outputs() {
  std::set<std::string, std::less<>> made;
  for (const onnx::NodeProto& node : graph().node())
    made.insert(node.output(0));
  std::unordered_map<std::string, std::string> renamed;
  for (const Output& output : outputs_) {
    if (made.contains(output.value) && renamed.emplace(output.value, output.info.name()).second) {
      continue;
    }
    add("Identity", {output.value});
    last().set_output(0, output.info.name());
  }
  const auto rename = [&](std::string* name) {
    if (const auto found = renamed.find(*name); found != renamed.end()) *name = found->second;
  };
  for (onnx::NodeProto& node : *graph().mutable_node()) {
    for (std::string& input : *node.mutable_input())
      rename(&input);
    rename(node.mutable_output(0));
  }
}

Result<std::vector<std::byte>> OnnxBuilder::finish() {
  if (outputs_.empty()) return fail(ErrorCode::corrupt_input, "the model has no outputs");
  name_outputs();
  for (Output& output : outputs_)
    graph().add_output()->Swap(&output.info);
  OnnxGraph whole(graph());
  whole.drop_unread_nodes();
  whole.drop_unused_constants();
  const std::size_t size = model_.ByteSizeLong();
  std::vector<std::byte> bytes;
  constexpr std::size_t kMaxBytes = (std::size_t{1} << 31) - 1;
  if (size <= kMaxBytes) bytes.resize(size);
  if (size > kMaxBytes || !model_.SerializeToArray(bytes.data(), static_cast<int>(size))) {
    return fail(ErrorCode::unsupported, "the model would have more than 2 GiB in float32");
  }
  return bytes;
}

}  // namespace retinue
