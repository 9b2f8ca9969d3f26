#include "kernels/separable_block.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "kernels/row_kernels.hpp"
#include "kernels/scratch.hpp"

namespace retinue {

namespace {

/// Beyond this a number of channels is a mistake.
constexpr std::size_t kMaxChannels = 4096;
constexpr std::size_t kDepthwiseTaps = 9;

bool fits(std::size_t channels) {
  return channels > 0 && channels <= kMaxChannels && channels % kChannelStep == 0;
}

Result<void> check_size(const ConvolutionConstants& constants, std::size_t outputs,
                        std::size_t window, const std::string& which) {
  const auto is_size = [](std::span<const float> values, std::size_t size) {
    return values.empty() || values.size() == size;
  };
  if (constants.weights.size() == outputs * window && is_size(constants.bias, outputs) &&
      is_size(constants.slope, outputs)) {
    return {};
  }
  return fail(ErrorCode::invalid_argument,
              "the " + which + " convolution of a separable block has " +
                  std::to_string(constants.weights.size()) + " weights, " +
                  std::to_string(constants.bias.size()) + " biases and " +
                  std::to_string(constants.slope.size()) + " slopes for " +
                  std::to_string(outputs) + " outputs of " + std::to_string(window) + " inputs");
}

}  // namespace

struct SeparableBlock::State {
  SeparableBlockShape shape;
  DenseConstants first;
  DepthwiseConstants depthwise;
  std::optional<DenseConstants> last;
  RowKernels kernels;

  void make_middle_row(const float* x, std::size_t row, std::size_t out_columns, float* out) const;
  const float* residual(const float* x, std::size_t row, std::size_t out_columns, float* out) const;
};

/// The first convolution of one row of the result's height.
void SeparableBlock::State::make_middle_row(const float* x, std::size_t row,
                                            std::size_t out_columns, float* out) const {
  const std::size_t in_row = shape.stride * out_columns * shape.inputs;
  const std::size_t window_row = shape.stride * shape.inputs;
  const float* const top = x + row * shape.stride * in_row;
  const std::array<const float*, 2> runs{top, top + in_row};
  const WindowRuns window{.runs = std::span(runs).first(shape.stride),
                          .run_length = window_row,
                          .pixel_step = window_row};
  kernels.dense(first, window, out_columns, nullptr, out);
}

/// What a row of the result adds: pixels of x, or made at `out`.
const float* SeparableBlock::State::residual(const float* x, std::size_t row,
                                             std::size_t out_columns, float* out) const {
  const std::size_t in_row = shape.stride * out_columns * shape.inputs;
  const float* const top = x + row * shape.stride * in_row;
  if (shape.stride == 1) return top;
  const PooledRows rows{top, top + in_row};
  kernels.max_pool(rows, shape.inputs, shape.outputs, out_columns, out);
  return out;
}

SeparableBlock::SeparableBlock(std::unique_ptr<const State> state) : state_(std::move(state)) {}
SeparableBlock::~SeparableBlock() = default;
SeparableBlock::SeparableBlock(SeparableBlock&&) noexcept = default;
SeparableBlock& SeparableBlock::operator=(SeparableBlock&&) noexcept = default;

Result<SeparableBlock> SeparableBlock::create(const SeparableBlockShape& shape,
                                              const ConvolutionConstants& first,
                                              const ConvolutionConstants& depthwise,
                                              const std::optional<ConvolutionConstants>& last) {
  const bool channels_fit = fits(shape.inputs) && fits(shape.middle) && fits(shape.outputs);
  const bool skip_fits =
      last ? (shape.stride == 1 ? shape.outputs == shape.inputs : shape.outputs >= shape.inputs)
           : shape.outputs == shape.middle;
  if (!channels_fit || !skip_fits || (shape.stride != 1 && shape.stride != 2)) {
    return fail(ErrorCode::unsupported,
                "a separable block of " + std::to_string(shape.inputs) + ", " +
                    std::to_string(shape.middle) + " and " + std::to_string(shape.outputs) +
                    " channels with stride " + std::to_string(shape.stride));
  }
  const std::size_t taps = shape.stride * shape.stride;
  TRY(check_size(first, shape.middle, shape.inputs * taps, "first"));
  TRY(check_size(depthwise, shape.middle, kDepthwiseTaps, "depthwise"));
  auto state =
      std::make_unique<State>(State{.shape = shape,
                                    .first = pack_dense(first, shape.middle, shape.inputs, taps),
                                    .depthwise = pack_depthwise(depthwise, shape.middle),
                                    .last = std::nullopt,
                                    .kernels = row_kernels()});
  if (last) {
    TRY(check_size(*last, shape.outputs, shape.middle, "last"));
    state->last = pack_dense(*last, shape.outputs, shape.middle, 1);
  }
  return SeparableBlock(std::move(state));
}

const SeparableBlockShape& SeparableBlock::shape() const {
  return state_->shape;
}

void SeparableBlock::run(const float* x, std::size_t rows, std::size_t columns, float* y) const {
  const State& state = *state_;
  const std::size_t middle = state.shape.middle;
  const std::size_t out_rows = rows / state.shape.stride;
  const std::size_t out_columns = columns / state.shape.stride;

  // Rows of the middle with a zero pixel at each end, three in turn, and one of zeros for what is
  // above the first and below the last.
  constexpr std::size_t kTurns = 3;
  const std::size_t pitch = (out_columns + 2) * middle;
  float* const ring = thread_scratch((kTurns + 1) * pitch + out_columns * middle);
  float* const zeros = ring + kTurns * pitch;
  float* const filtered = zeros + pitch;
  std::fill_n(zeros, pitch, 0.0F);
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    std::fill_n(ring + turn * pitch, middle, 0.0F);
    std::fill_n(ring + (turn + 1) * pitch - middle, middle, 0.0F);
  }
  const auto turn_of = [&](std::size_t row) { return ring + row % kTurns * pitch; };

  state.make_middle_row(x, 0, out_columns, turn_of(0) + middle);
  for (std::size_t row = 0; row < out_rows; ++row) {
    const bool is_last = row + 1 == out_rows;
    if (!is_last) state.make_middle_row(x, row + 1, out_columns, turn_of(row + 1) + middle);
    const DepthwiseRows around{row == 0 ? zeros : turn_of(row - 1), turn_of(row),
                               is_last ? zeros : turn_of(row + 1)};
    float* const out = y + row * out_columns * state.shape.outputs;
    if (!state.last) {
      state.kernels.depthwise(state.depthwise, around, out_columns, out);
      continue;
    }
    state.kernels.depthwise(state.depthwise, around, out_columns, filtered);
    const float* const run = filtered;
    const WindowRuns window{.runs = {&run, 1}, .run_length = middle, .pixel_step = middle};
    state.kernels.dense(*state.last, window, out_columns, state.residual(x, row, out_columns, out),
                        out);
  }
}

}  // namespace retinue
