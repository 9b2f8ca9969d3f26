#include "infer/session.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "infer/onnxruntime_api.hpp"

namespace retinue {

namespace {

using OwnedSession = std::unique_ptr<OrtSession, OrtRelease<OrtSession, &OrtApi::ReleaseSession>>;
using OwnedOptions = std::unique_ptr<OrtSessionOptions,
                                     OrtRelease<OrtSessionOptions, &OrtApi::ReleaseSessionOptions>>;
using OwnedValue = std::unique_ptr<OrtValue, OrtRelease<OrtValue, &OrtApi::ReleaseValue>>;
using OwnedTypeInfo =
    std::unique_ptr<OrtTypeInfo, OrtRelease<OrtTypeInfo, &OrtApi::ReleaseTypeInfo>>;
using OwnedShapeInfo =
    std::unique_ptr<OrtTensorTypeAndShapeInfo,
                    OrtRelease<OrtTensorTypeAndShapeInfo, &OrtApi::ReleaseTensorTypeAndShapeInfo>>;
using OwnedMemoryInfo =
    std::unique_ptr<OrtMemoryInfo, OrtRelease<OrtMemoryInfo, &OrtApi::ReleaseMemoryInfo>>;

struct ElementTypePair {
  ElementType ours;
  ONNXTensorElementDataType theirs;
};
constexpr std::array kElementTypes = {
    ElementTypePair{ElementType::float32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
    ElementTypePair{ElementType::float16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
    ElementTypePair{ElementType::uint8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
    ElementTypePair{ElementType::int8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
    ElementTypePair{ElementType::int32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
    ElementTypePair{ElementType::int64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
};

std::optional<ElementType> element_type_of(ONNXTensorElementDataType type) {
  const auto* const found = std::ranges::find(kElementTypes, type, &ElementTypePair::theirs);
  return found == kElementTypes.end() ? std::nullopt : std::optional(found->ours);
}

ONNXTensorElementDataType onnx_type_of(ElementType type) {
  return std::ranges::find(kElementTypes, type, &ElementTypePair::ours)->theirs;
}

}  // namespace

struct Session::State {
  const OnnxRuntime* runtime;
  std::string name;
  OwnedSession session;
  OwnedMemoryInfo memory;
  std::vector<TensorDescription> inputs;
  std::vector<TensorDescription> outputs;
  // The C API wants arrays of names on every run.
  std::vector<const char*> input_names;
  std::vector<const char*> output_names;

  const OrtApi& api() const { return *runtime->api; }

  Result<TensorDescription> describe(bool input, std::size_t index) const;
  Result<void> describe_all();
  Result<OwnedValue> value_of(const TensorView& view) const;
};

Result<TensorDescription> Session::State::describe(bool input, std::size_t index) const {
  const std::string doing = "reading the inputs and outputs of model '" + name + "'";
  TensorDescription description;
  OrtAllocator* allocator = nullptr;
  TRY(check(api(), api().GetAllocatorWithDefaultOptions(&allocator), ErrorCode::internal, doing));
  char* tensor_name = nullptr;
  TRY(check(api(),
            input ? api().SessionGetInputName(session.get(), index, allocator, &tensor_name)
                  : api().SessionGetOutputName(session.get(), index, allocator, &tensor_name),
            ErrorCode::internal, doing));
  description.name = tensor_name;
  TRY(check(api(), api().AllocatorFree(allocator, tensor_name), ErrorCode::internal, doing));

  OrtTypeInfo* raw_type = nullptr;
  TRY(check(api(),
            input ? api().SessionGetInputTypeInfo(session.get(), index, &raw_type)
                  : api().SessionGetOutputTypeInfo(session.get(), index, &raw_type),
            ErrorCode::internal, doing));
  const OwnedTypeInfo type(raw_type, {runtime->api});
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  TRY(check(api(), api().CastTypeInfoToTensorInfo(type.get(), &tensor), ErrorCode::internal,
            doing));
  const std::string quoted = doing + ": '" + description.name + "' ";
  if (tensor == nullptr) return fail(ErrorCode::unsupported, quoted + "is not a tensor");

  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  TRY(check(api(), api().GetTensorElementType(tensor, &element), ErrorCode::internal, doing));
  const std::optional<ElementType> known = element_type_of(element);
  if (!known) {
    return fail(ErrorCode::unsupported,
                quoted + "has ONNX element type " + std::to_string(element) +
                    ", not one of float32, float16, uint8, int8, int32, int64");
  }
  description.type = *known;
  std::size_t rank = 0;
  TRY(check(api(), api().GetDimensionsCount(tensor, &rank), ErrorCode::internal, doing));
  if (rank > Shape::kMaxRank) {
    return fail(ErrorCode::unsupported, quoted + "has " + std::to_string(rank) + " axes, at most " +
                                            std::to_string(Shape::kMaxRank) + " are supported");
  }
  std::array<std::int64_t, Shape::kMaxRank> extents{};
  TRY(check(api(), api().GetDimensions(tensor, extents.data(), rank), ErrorCode::internal, doing));
  description.shape = Shape(std::span<const std::int64_t>(extents.data(), rank));
  return description;
}

Result<void> Session::State::describe_all() {
  const std::string doing = "reading the inputs and outputs of model '" + name + "'";
  std::size_t input_count = 0;
  std::size_t output_count = 0;
  TRY(check(api(), api().SessionGetInputCount(session.get(), &input_count), ErrorCode::internal,
            doing));
  TRY(check(api(), api().SessionGetOutputCount(session.get(), &output_count), ErrorCode::internal,
            doing));
  for (std::size_t i = 0; i < input_count; ++i) {
    TensorDescription input = TRY(describe(true, i));
    inputs.push_back(std::move(input));
  }
  for (std::size_t i = 0; i < output_count; ++i) {
    TensorDescription output = TRY(describe(false, i));
    outputs.push_back(std::move(output));
  }
  for (const TensorDescription& input : inputs)
    input_names.push_back(input.name.c_str());
  for (const TensorDescription& output : outputs)
    output_names.push_back(output.name.c_str());
  return {};
}

Result<OwnedValue> Session::State::value_of(const TensorView& view) const {
  OrtValue* raw = nullptr;
  const std::span<const std::int64_t> extents = view.shape.extents();
  OrtStatus* status = api().CreateTensorWithDataAsOrtValue(
      memory.get(), view.data, view.size_bytes(), extents.data(), extents.size(),
      onnx_type_of(view.type), &raw);
  if (status != nullptr) {
    TRY(check(api(), status, ErrorCode::invalid_argument,
              "wrapping a tensor of shape " + to_string(view.shape)));
  }
  return OwnedValue(raw, {runtime->api});
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::create(std::string_view name,
                                                 std::span<const std::byte> model,
                                                 const SessionSettings& settings) {
  const OnnxRuntime* runtime = TRY(onnx_runtime());
  const OrtApi& api = *runtime->api;
  const std::string doing = "loading model '" + std::string(name) + "'";
  if (settings.device.kind != Device::Kind::cpu) {
    return fail(ErrorCode::unsupported, doing + ": this build runs models on the cpu only");
  }
  OrtSessionOptions* raw_options = nullptr;
  TRY(check(api, api.CreateSessionOptions(&raw_options), ErrorCode::internal, doing));
  const OwnedOptions options(raw_options, {runtime->api});
  TRY(check(api, api.SetIntraOpNumThreads(options.get(), settings.intra_op_threads),
            ErrorCode::internal, doing));
  TRY(check(api, api.SetInterOpNumThreads(options.get(), 1), ErrorCode::internal, doing));
  TRY(check(api, api.SetSessionGraphOptimizationLevel(options.get(), ORT_ENABLE_ALL),
            ErrorCode::internal, doing));
  // Idle threads that spin would take the cores from the other lanes.
  TRY(check(api, api.AddSessionConfigEntry(options.get(), "session.intra_op.allow_spinning", "0"),
            ErrorCode::internal, doing));

  TRY(check(api, api.AddCustomOpDomain(options.get(), runtime->operators), ErrorCode::internal,
            doing));

  OrtSession* raw_session = nullptr;
  TRY(check(api,
            api.CreateSessionFromArray(runtime->environment, model.data(), model.size(),
                                       options.get(), &raw_session),
            ErrorCode::corrupt_input, doing));
  OrtMemoryInfo* raw_memory = nullptr;
  OwnedSession session(raw_session, {runtime->api});
  TRY(check(api, api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &raw_memory),
            ErrorCode::internal, doing));
  auto state = std::make_unique<State>(State{.runtime = runtime,
                                             .name = std::string(name),
                                             .session = std::move(session),
                                             .memory = OwnedMemoryInfo(raw_memory, {runtime->api}),
                                             .inputs = {},
                                             .outputs = {},
                                             .input_names = {},
                                             .output_names = {}});
  TRY(state->describe_all());
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

const std::string& Session::name() const {
  return state_->name;
}
std::span<const TensorDescription> Session::inputs() const {
  return state_->inputs;
}
std::span<const TensorDescription> Session::outputs() const {
  return state_->outputs;
}

Result<std::vector<Shape>> Session::output_shapes(std::span<const Shape> input_shapes) const {
  const OrtApi& api = state_->api();
  const std::string doing = "trying model '" + state_->name + "'";
  if (input_shapes.size() != state_->inputs.size()) {
    return fail(ErrorCode::invalid_argument,
                doing + " with " + std::to_string(input_shapes.size()) + " inputs: it has " +
                    std::to_string(state_->inputs.size()));
  }
  for (const Shape& shape : input_shapes) {
    if (std::ranges::any_of(shape.extents(), [](std::int64_t extent) { return extent < 1; })) {
      return fail(ErrorCode::invalid_argument, doing + " on an input of shape " + to_string(shape) +
                                                   ": every axis needs an extent");
    }
  }
  std::vector<Tensor> zeros;
  std::vector<OwnedValue> values;
  std::vector<const OrtValue*> inputs;
  for (std::size_t i = 0; i < input_shapes.size(); ++i) {
    const TensorView view = zeros.emplace_back(state_->inputs[i].type, input_shapes[i]).view();
    std::fill_n(static_cast<std::byte*>(view.data), view.size_bytes(), std::byte{0});
    OwnedValue value = TRY(state_->value_of(view));
    inputs.push_back(value.get());
    values.push_back(std::move(value));
  }
  std::vector<OrtValue*> outputs(state_->outputs.size(), nullptr);
  TRY(check(api,
            api.Run(state_->session.get(), nullptr, state_->input_names.data(), inputs.data(),
                    inputs.size(), state_->output_names.data(), outputs.size(), outputs.data()),
            ErrorCode::invalid_argument, doing));
  for (OrtValue* output : outputs)
    values.emplace_back(output, OwnedValue::deleter_type{state_->runtime->api});

  std::vector<Shape> shapes;
  for (OrtValue* output : outputs) {
    OrtTensorTypeAndShapeInfo* raw_info = nullptr;
    TRY(check(api, api.GetTensorTypeAndShape(output, &raw_info), ErrorCode::internal, doing));
    const OwnedShapeInfo info(raw_info, {state_->runtime->api});
    std::size_t rank = 0;
    TRY(check(api, api.GetDimensionsCount(info.get(), &rank), ErrorCode::internal, doing));
    if (rank > Shape::kMaxRank) {
      return fail(ErrorCode::unsupported,
                  doing + ": an output has " + std::to_string(rank) + " axes");
    }
    std::array<std::int64_t, Shape::kMaxRank> extents{};
    TRY(check(api, api.GetDimensions(info.get(), extents.data(), rank), ErrorCode::internal,
              doing));
    shapes.emplace_back(std::span<const std::int64_t>(extents.data(), rank));
  }
  return shapes;
}

Result<void> Session::run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                          Stream& /*stream*/) const {
  constexpr std::size_t kMaxTensors = 32;
  if (inputs.size() != state_->inputs.size() || outputs.size() != state_->outputs.size() ||
      inputs.size() + outputs.size() > kMaxTensors) {
    return fail(ErrorCode::invalid_argument,
                "running model '" + state_->name + "' with " + std::to_string(inputs.size()) +
                    " inputs and " + std::to_string(outputs.size()) + " outputs: it has " +
                    std::to_string(state_->inputs.size()) + " and " +
                    std::to_string(state_->outputs.size()) + ", at most " +
                    std::to_string(kMaxTensors) + " together are supported");
  }
  // On the stack: a run allocates nothing of ours.
  std::array<OrtValue*, kMaxTensors> values{};
  std::array<OwnedValue, kMaxTensors> owned{};
  std::size_t count = 0;
  for (const std::span<const TensorView> views : {inputs, outputs}) {
    for (const TensorView& view : views) {
      owned[count] = TRY(state_->value_of(view));
      values[count] = owned[count].get();
      ++count;
    }
  }
  const OrtApi& api = state_->api();
  OrtStatus* status = api.Run(state_->session.get(), nullptr, state_->input_names.data(),
                              values.data(), inputs.size(), state_->output_names.data(),
                              outputs.size(), values.data() + inputs.size());
  // The message is not built before it is needed.
  if (status == nullptr) return {};
  return check(api, status, ErrorCode::invalid_argument, "running model '" + state_->name + "'");
}

}  // namespace retinue
