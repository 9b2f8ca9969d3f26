#include "infer/custom_operators.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "infer/onnxruntime_api.hpp"
#include "kernels/mixer_block.hpp"
#include "kernels/separable_block.hpp"
#include "kernels/stem_convolution.hpp"

namespace retinue {

namespace {

using OwnedShapeInfo =
    std::unique_ptr<OrtTensorTypeAndShapeInfo,
                    OrtRelease<OrtTensorTypeAndShapeInfo, &OrtApi::ReleaseTensorTypeAndShapeInfo>>;

constexpr std::size_t kPictureRank = 4;
using PictureShape = std::array<std::int64_t, kPictureRank>;

/// A tensor's elements, with a picture's extents; others have rank 0 here.
struct Operand {
  std::span<const float> elements;
  PictureShape shape{};
  std::size_t rank = 0;

  std::size_t extent(std::size_t axis) const { return static_cast<std::size_t>(shape[axis]); }
};

Result<Operand> operand_of(const OrtApi& api, const OrtValue* value) {
  const char* const doing = "reading an operand";
  OrtTensorTypeAndShapeInfo* raw_info = nullptr;
  TRY(check(api, api.GetTensorTypeAndShape(value, &raw_info), ErrorCode::internal, doing));
  const OwnedShapeInfo info(raw_info, {&api});
  Operand operand;
  std::size_t count = 0;
  TRY(check(api, api.GetTensorShapeElementCount(info.get(), &count), ErrorCode::internal, doing));
  TRY(check(api, api.GetDimensionsCount(info.get(), &operand.rank), ErrorCode::internal, doing));
  if (operand.rank == kPictureRank) {
    TRY(check(api, api.GetDimensions(info.get(), operand.shape.data(), kPictureRank),
              ErrorCode::internal, doing));
  }
  // The C API has no other way to read; nothing is written through it.
  void* data = nullptr;
  TRY(check(api, api.GetTensorMutableData(const_cast<OrtValue*>(value), &data), ErrorCode::internal,
            doing));
  operand.elements = {static_cast<const float*>(data), count};
  return operand;
}

/// What a node says of itself when its kernel is made.
class NodeDescription {
 public:
  NodeDescription(const OrtApi& api, const OrtKernelInfo& info) : api_(api), info_(info) {}

  Result<Operand> constant(std::size_t index) const {
    int is_constant = 0;
    const OrtValue* value = nullptr;
    TRY(check(api_, api_.KernelInfoGetConstantInput_tensor(&info_, index, &is_constant, &value),
              ErrorCode::internal, "reading a constant"));
    if (is_constant == 0 || value == nullptr) {
      return fail(ErrorCode::unsupported, "input " + std::to_string(index) + " is not a constant");
    }
    return operand_of(api_, value);
  }

  /// Weights, bias and slope from three inputs in turn.
  Result<ConvolutionConstants> convolution(std::size_t first_index) const {
    const Operand weights = TRY(constant(first_index));
    const Operand bias = TRY(constant(first_index + 1));
    const Operand slope = TRY(constant(first_index + 2));
    return ConvolutionConstants{
        .weights = weights.elements, .bias = bias.elements, .slope = slope.elements};
  }

  Result<std::size_t> number(const char* name) const {
    std::int64_t value = 0;
    TRY(check(api_, api_.KernelInfoGetAttribute_int64(&info_, name, &value),
              ErrorCode::corrupt_input, "reading an attribute"));
    if (value < 0) return fail(ErrorCode::corrupt_input, std::string(name) + " is negative");
    return static_cast<std::size_t>(value);
  }

  Result<float> real(const char* name) const {
    float value = 0.0F;
    TRY(check(api_, api_.KernelInfoGetAttribute_float(&info_, name, &value),
              ErrorCode::corrupt_input, "reading an attribute"));
    return value;
  }

  template <std::size_t kCount>
  Result<std::array<std::size_t, kCount>> numbers(const char* name) const {
    std::array<std::int64_t, kCount> values{};
    std::size_t count = kCount;
    TRY(check(api_, api_.KernelInfoGetAttributeArray_int64(&info_, name, values.data(), &count),
              ErrorCode::corrupt_input, "reading an attribute"));
    std::array<std::size_t, kCount> result{};
    for (std::size_t i = 0; i < kCount; ++i) {
      if (count != kCount || values[i] < 0) {
        return fail(ErrorCode::corrupt_input, std::string(name) + " is not understood");
      }
      result[i] = static_cast<std::size_t>(values[i]);
    }
    return result;
  }

 private:
  const OrtApi& api_;
  const OrtKernelInfo& info_;
};

Result<Operand> input_picture(const OrtApi& api, const OrtKernelContext& context) {
  const OrtValue* value = nullptr;
  TRY(check(api, api.KernelContext_GetInput(&context, 0, &value), ErrorCode::internal,
            "reading the input"));
  const Operand input = TRY(operand_of(api, value));
  if (input.rank != kPictureRank) {
    return fail(ErrorCode::invalid_argument, "the input is not a batch of pictures");
  }
  return input;
}

Result<float*> output_picture(const OrtApi& api, OrtKernelContext& context,
                              const PictureShape& shape) {
  OrtValue* value = nullptr;
  TRY(check(api, api.KernelContext_GetOutput(&context, 0, shape.data(), shape.size(), &value),
            ErrorCode::resource_exhausted, "making the output"));
  void* data = nullptr;
  TRY(check(api, api.GetTensorMutableData(value, &data), ErrorCode::internal,
            "writing the output"));
  return static_cast<float*>(data);
}

Result<void> expect_picture(const Operand& input, std::size_t channel_axis, std::size_t channels,
                            bool extents_fit) {
  if (input.extent(channel_axis) == channels && extents_fit) return {};
  return fail(ErrorCode::invalid_argument,
              "the input has " + std::to_string(input.extent(channel_axis)) + " channels of " +
                  std::to_string(channels) + ", or an extent that does not fit the stride");
}

class StemKernel {
 public:
  static constexpr const char* kName = "StemConvolution";
  static constexpr std::size_t kInputs = 4;

  static Result<StemKernel> create(const OrtApi& api, const NodeDescription& node) {
    const Operand weights = TRY(node.constant(1));
    const ConvolutionConstants constants = TRY(node.convolution(1));
    const std::size_t stride = TRY(node.number("stride"));
    const std::array<std::size_t, 4> pads = TRY(node.numbers<4>("pads"));
    if (weights.rank != kPictureRank || weights.extent(2) != weights.extent(3)) {
      return fail(ErrorCode::unsupported, "a window that is not square");
    }
    StemConvolution convolution = TRY(StemConvolution::create({.inputs = weights.extent(1),
                                                               .outputs = weights.extent(0),
                                                               .kernel = weights.extent(2),
                                                               .stride = stride,
                                                               .pad_top = pads[0],
                                                               .pad_left = pads[1],
                                                               .pad_bottom = pads[2],
                                                               .pad_right = pads[3]},
                                                              constants));
    return StemKernel(api, std::move(convolution));
  }

  Result<void> compute(OrtKernelContext& context) const {
    const Operand input = TRY(input_picture(*api_, context));
    const std::size_t batch = input.extent(0);
    const std::size_t rows = input.extent(2);
    const std::size_t columns = input.extent(3);
    const std::size_t out_rows = convolution_.out_rows(rows);
    const std::size_t out_columns = convolution_.out_columns(columns);
    const std::size_t planes = convolution_.shape().inputs;
    const std::size_t outputs = convolution_.shape().outputs;
    TRY(expect_picture(input, 1, planes, out_rows > 0 && out_columns > 0));
    float* out = TRY(output_picture(
        *api_, context,
        {input.shape[0], static_cast<std::int64_t>(out_rows),
         static_cast<std::int64_t>(out_columns), static_cast<std::int64_t>(outputs)}));
    const float* in = input.elements.data();
    for (std::size_t i = 0; i < batch; ++i) {
      convolution_.run(in, rows, columns, out);
      in += planes * rows * columns;
      out += out_rows * out_columns * outputs;
    }
    return {};
  }

 private:
  StemKernel(const OrtApi& api, StemConvolution convolution)
      : api_(&api), convolution_(std::move(convolution)) {}

  const OrtApi* api_;
  StemConvolution convolution_;
};

class SeparableKernel {
 public:
  static constexpr const char* kName = "SeparableBlock";
  static constexpr std::size_t kInputs = 10;

  static Result<SeparableKernel> create(const OrtApi& api, const NodeDescription& node) {
    constexpr std::size_t kFirst = 1;
    constexpr std::size_t kDepthwise = 4;
    constexpr std::size_t kLast = 7;
    const Operand first_weights = TRY(node.constant(kFirst));
    const Operand last_weights = TRY(node.constant(kLast));
    const ConvolutionConstants first = TRY(node.convolution(kFirst));
    const ConvolutionConstants depthwise = TRY(node.convolution(kDepthwise));
    std::optional<ConvolutionConstants> last = TRY(node.convolution(kLast));
    const std::size_t stride = TRY(node.number("stride"));
    if (last->weights.empty()) last = std::nullopt;
    if (first_weights.rank != kPictureRank || (last && last_weights.rank != kPictureRank)) {
      return fail(ErrorCode::corrupt_input, "weights that are not a convolution's");
    }
    const std::size_t middle = first_weights.extent(0);
    SeparableBlock block =
        TRY(SeparableBlock::create({.inputs = first_weights.extent(1),
                                    .middle = middle,
                                    .outputs = last ? last_weights.extent(0) : middle,
                                    .stride = stride},
                                   first, depthwise, last));
    return SeparableKernel(api, std::move(block));
  }

  Result<void> compute(OrtKernelContext& context) const {
    const SeparableBlockShape& shape = block_.shape();
    const Operand input = TRY(input_picture(*api_, context));
    const std::size_t batch = input.extent(0);
    const std::size_t rows = input.extent(1);
    const std::size_t columns = input.extent(2);
    const bool fits =
        rows > 0 && columns > 0 && rows % shape.stride == 0 && columns % shape.stride == 0;
    TRY(expect_picture(input, 3, shape.inputs, fits));
    const std::size_t out_rows = rows / shape.stride;
    const std::size_t out_columns = columns / shape.stride;
    float* out = TRY(output_picture(
        *api_, context,
        {input.shape[0], static_cast<std::int64_t>(out_rows),
         static_cast<std::int64_t>(out_columns), static_cast<std::int64_t>(shape.outputs)}));
    const float* in = input.elements.data();
    for (std::size_t i = 0; i < batch; ++i) {
      block_.run(in, rows, columns, out);
      in += rows * columns * shape.inputs;
      out += out_rows * out_columns * shape.outputs;
    }
    return {};
  }

 private:
  SeparableKernel(const OrtApi& api, SeparableBlock block) : api_(&api), block_(std::move(block)) {}

  const OrtApi* api_;
  SeparableBlock block_;
};

class MixerKernel {
 public:
  static constexpr const char* kName = "MixerBlock";
  static constexpr std::size_t kInputs = 11;

  static Result<MixerKernel> create(const OrtApi& api, const NodeDescription& node) {
    constexpr std::size_t kTokens = 1;
    constexpr std::size_t kChannels = 6;
    const Operand token_weights = TRY(node.constant(kTokens + 1));
    const Operand channel_weights = TRY(node.constant(kChannels + 1));
    const MixerHalf tokens = TRY(half(node, kTokens, "token_epsilon"));
    const MixerHalf channels = TRY(half(node, kChannels, "channel_epsilon"));
    const std::size_t results = TRY(node.number("results"));
    if (token_weights.rank != kPictureRank || channel_weights.rank != kPictureRank) {
      return fail(ErrorCode::corrupt_input, "weights that are not a convolution's");
    }
    MixerBlock block = TRY(MixerBlock::create({.tokens = token_weights.extent(1),
                                               .channels = channel_weights.extent(1),
                                               .token_hidden = token_weights.extent(0),
                                               .channel_hidden = channel_weights.extent(0),
                                               .results = results},
                                              tokens, channels));
    return MixerKernel(api, std::move(block));
  }

  Result<void> compute(OrtKernelContext& context) const {
    const MixerBlockShape& shape = block_.shape();
    const Operand input = TRY(input_picture(*api_, context));
    if (input.extent(1) != 1 || input.extent(2) != shape.tokens ||
        input.extent(3) != shape.channels) {
      return fail(ErrorCode::invalid_argument, "the input is not [batch, 1, " +
                                                   std::to_string(shape.tokens) + ", " +
                                                   std::to_string(shape.channels) + "]");
    }
    float* out = TRY(output_picture(
        *api_, context,
        {input.shape[0], 1, static_cast<std::int64_t>(shape.results), input.shape[3]}));
    const float* in = input.elements.data();
    for (std::size_t i = 0; i < input.extent(0); ++i) {
      block_.run(in, out);
      in += shape.tokens * shape.channels;
      out += shape.results * shape.channels;
    }
    return {};
  }

 private:
  MixerKernel(const OrtApi& api, MixerBlock block) : api_(&api), block_(std::move(block)) {}

  /// Scale, weights, bias, weights and bias from five inputs in turn.
  static Result<MixerHalf> half(const NodeDescription& node, std::size_t first_index,
                                const char* epsilon) {
    const Operand scale = TRY(node.constant(first_index));
    const Operand first_weights = TRY(node.constant(first_index + 1));
    const Operand first_bias = TRY(node.constant(first_index + 2));
    const Operand last_weights = TRY(node.constant(first_index + 3));
    const Operand last_bias = TRY(node.constant(first_index + 4));
    return MixerHalf{.scale = scale.elements,
                     .epsilon = TRY(node.real(epsilon)),
                     .first_weights = first_weights.elements,
                     .first_bias = first_bias.elements,
                     .last_weights = last_weights.elements,
                     .last_bias = last_bias.elements};
  }

  const OrtApi* api_;
  MixerBlock block_;
};

/// ONNX Runtime's view of one of the kernels above.
template <typename Kernel>
struct Operator {
  struct Instance {
    const OrtApi* api;
    Kernel kernel;
  };

  static OrtStatus* create(const OrtCustomOp*, const OrtApi* api, const OrtKernelInfo* info,
                           void** instance) {
    Result<Kernel> kernel = Kernel::create(*api, NodeDescription(*api, *info));
    if (!kernel) {
      const std::string message = std::string(Kernel::kName) + ": " + kernel.error().message();
      return api->CreateStatus(ORT_INVALID_GRAPH, message.c_str());
    }
    *instance = new Instance{.api = api, .kernel = *std::move(kernel)};
    return nullptr;
  }

  static OrtStatus* compute(void* instance, OrtKernelContext* context) {
    const auto& self = *static_cast<const Instance*>(instance);
    const Result<void> done = self.kernel.compute(*context);
    if (done) return nullptr;
    const std::string message = std::string(Kernel::kName) + ": " + done.error().message();
    return self.api->CreateStatus(ORT_INVALID_ARGUMENT, message.c_str());
  }

  static OrtCustomOp make() {
    OrtCustomOp op{};
    op.version = ORT_API_VERSION;
    op.GetName = [](const OrtCustomOp*) { return Kernel::kName; };
    // Null: the CPU.
    op.GetExecutionProviderType = [](const OrtCustomOp*) -> const char* { return nullptr; };
    op.GetInputType = [](const OrtCustomOp*, std::size_t) {
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
    };
    op.GetInputTypeCount = [](const OrtCustomOp*) { return Kernel::kInputs; };
    op.GetOutputType = [](const OrtCustomOp*, std::size_t) {
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
    };
    op.GetOutputTypeCount = [](const OrtCustomOp*) -> std::size_t { return 1; };
    op.GetInputCharacteristic = [](const OrtCustomOp*, std::size_t) {
      return INPUT_OUTPUT_REQUIRED;
    };
    op.GetOutputCharacteristic = [](const OrtCustomOp*, std::size_t) {
      return INPUT_OUTPUT_REQUIRED;
    };
    op.GetInputMemoryType = [](const OrtCustomOp*, std::size_t) { return OrtMemTypeDefault; };
    op.GetStartVersion = [](const OrtCustomOp*) { return 1; };
    op.GetEndVersion = [](const OrtCustomOp*) { return 1; };
    op.CreateKernelV2 = create;
    op.KernelComputeV2 = compute;
    op.KernelDestroy = [](void* instance) { delete static_cast<Instance*>(instance); };
    return op;
  }
};

template <typename Kernel>
Result<void> add_operator(const OrtApi& api, OrtCustomOpDomain& domain) {
  static const OrtCustomOp op = Operator<Kernel>::make();
  return check(api, api.CustomOpDomain_Add(&domain, &op), ErrorCode::internal,
               std::string("adding operator ") + Kernel::kName);
}

}  // namespace

Result<OrtCustomOpDomain*> create_custom_operators(const OrtApi& api) {
  OrtCustomOpDomain* domain = nullptr;
  TRY(check(api, api.CreateCustomOpDomain("retinue", &domain), ErrorCode::internal,
            "creating the operators' domain"));
  TRY(add_operator<StemKernel>(api, *domain));
  TRY(add_operator<SeparableKernel>(api, *domain));
  TRY(add_operator<MixerKernel>(api, *domain));
  return domain;
}

}  // namespace retinue
