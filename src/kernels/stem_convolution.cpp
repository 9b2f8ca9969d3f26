#include "kernels/stem_convolution.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "kernels/row_kernels.hpp"
#include "kernels/scratch.hpp"

namespace retinue {

namespace {

constexpr std::size_t kMaxPlanes = 4;
constexpr std::size_t kMaxKernel = 7;
constexpr std::size_t kMaxTaps = kMaxPlanes * kMaxKernel * kMaxKernel;
constexpr std::size_t kMaxOutputs = 4096;

std::size_t windows(std::size_t padded, const StemConvolutionShape& shape) {
  return padded < shape.kernel ? 0 : (padded - shape.kernel) / shape.stride + 1;
}

}  // namespace

struct StemConvolution::State {
  StemConvolutionShape shape;
  DenseConstants constants;
  RowKernels kernels;
};

StemConvolution::StemConvolution(std::unique_ptr<const State> state) : state_(std::move(state)) {}
StemConvolution::~StemConvolution() = default;
StemConvolution::StemConvolution(StemConvolution&&) noexcept = default;
StemConvolution& StemConvolution::operator=(StemConvolution&&) noexcept = default;

Result<StemConvolution> StemConvolution::create(const StemConvolutionShape& shape,
                                                const ConvolutionConstants& constants) {
  const std::array<std::size_t, 4> pads{shape.pad_top, shape.pad_left, shape.pad_bottom,
                                        shape.pad_right};
  const bool supported =
      shape.inputs > 0 && shape.inputs <= kMaxPlanes && shape.kernel > 0 &&
      shape.kernel <= kMaxKernel && shape.stride > 0 && shape.outputs > 0 &&
      shape.outputs <= kMaxOutputs && shape.outputs % kChannelStep == 0 &&
      std::ranges::all_of(pads, [&](std::size_t pad) { return pad < shape.kernel; });
  if (!supported) {
    return fail(ErrorCode::unsupported, "a stem convolution of " + std::to_string(shape.inputs) +
                                            " planes and " + std::to_string(shape.outputs) +
                                            " outputs with a window of " +
                                            std::to_string(shape.kernel));
  }
  const std::size_t taps = shape.kernel * shape.kernel;
  const auto is_size = [&](std::span<const float> values) {
    return values.empty() || values.size() == shape.outputs;
  };
  if (constants.weights.size() != shape.outputs * shape.inputs * taps || !is_size(constants.bias) ||
      !is_size(constants.slope)) {
    return fail(ErrorCode::invalid_argument,
                "a stem convolution has " + std::to_string(constants.weights.size()) +
                    " weights for " + std::to_string(shape.outputs) + " outputs of " +
                    std::to_string(shape.inputs * taps) + " inputs");
  }
  return StemConvolution(std::make_unique<State>(
      State{.shape = shape,
            .constants = pack_dense(constants, shape.outputs, shape.inputs, taps),
            .kernels = row_kernels()}));
}

const StemConvolutionShape& StemConvolution::shape() const {
  return state_->shape;
}

std::size_t StemConvolution::out_rows(std::size_t rows) const {
  const StemConvolutionShape& shape = state_->shape;
  return windows(rows + shape.pad_top + shape.pad_bottom, shape);
}

std::size_t StemConvolution::out_columns(std::size_t columns) const {
  const StemConvolutionShape& shape = state_->shape;
  return windows(columns + shape.pad_left + shape.pad_right, shape);
}

void StemConvolution::run(const float* x, std::size_t rows, std::size_t columns, float* y) const {
  const StemConvolutionShape& shape = state_->shape;
  const std::size_t taps_a_row = shape.kernel * shape.inputs;
  // The rows under one row of windows, of every plane, with the zeros beside them.
  const std::size_t pitch = columns + shape.pad_left + shape.pad_right;
  float* const padded = thread_scratch(taps_a_row * pitch);
  std::fill_n(padded, taps_a_row * pitch, 0.0F);

  // In the order of the packed weights: row, column, plane.
  std::array<const float*, kMaxTaps> runs{};
  std::size_t tap = 0;
  for (std::size_t row = 0; row < shape.kernel; ++row) {
    for (std::size_t column = 0; column < shape.kernel; ++column) {
      for (std::size_t plane = 0; plane < shape.inputs; ++plane) {
        runs[tap++] = padded + (row * shape.inputs + plane) * pitch + column;
      }
    }
  }
  const WindowRuns window{
      .runs = std::span(runs).first(tap), .run_length = 1, .pixel_step = shape.stride};
  const std::size_t count = out_columns(columns);
  for (std::size_t out_row = 0; out_row < out_rows(rows); ++out_row) {
    for (std::size_t row = 0; row < shape.kernel; ++row) {
      const std::size_t at = out_row * shape.stride + row;
      const bool inside = at >= shape.pad_top && at < rows + shape.pad_top;
      for (std::size_t plane = 0; plane < shape.inputs; ++plane) {
        float* const to = padded + (row * shape.inputs + plane) * pitch + shape.pad_left;
        if (inside) {
          std::copy_n(x + (plane * rows + at - shape.pad_top) * columns, columns, to);
        } else {
          std::fill_n(to, columns, 0.0F);
        }
      }
    }
    state_->kernels.dense(state_->constants, window, count, nullptr,
                          y + out_row * count * shape.outputs);
  }
}

}  // namespace retinue
