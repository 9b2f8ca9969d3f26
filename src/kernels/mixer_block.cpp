#include "kernels/mixer_block.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kernels/matrix_kernels.hpp"
#include "kernels/row_kernels.hpp"
#include "kernels/scratch.hpp"

namespace retinue {

namespace {

/// Beyond this a number of tokens or channels is a mistake.
constexpr std::size_t kMaxExtent = 4096;

/// What a tile of the kernels takes at once: rows, where the weights are the left factor, or
/// columns, where they are the right one.
constexpr std::size_t kLeftStrip = 14;
constexpr std::size_t kRightStrip = 32;

bool fits(std::size_t extent) {
  return extent > 0 && extent <= kMaxExtent;
}

bool fits_vectors(std::size_t extent) {
  return fits(extent) && extent % kChannelStep == 0;
}

Result<void> check_sizes(const MixerHalf& half, std::size_t mixed, std::size_t hidden,
                         std::size_t channels, const std::string& which) {
  const bool fit = half.scale.size() == channels && half.first_weights.size() == hidden * mixed &&
                   half.first_bias.size() == hidden && half.last_weights.size() == mixed * hidden &&
                   half.last_bias.size() == mixed;
  if (fit) return {};
  return fail(ErrorCode::invalid_argument,
              "the half of a mixer block that mixes " + which + " has " +
                  std::to_string(half.first_weights.size()) + " and " +
                  std::to_string(half.last_weights.size()) + " weights for " +
                  std::to_string(mixed) + " of them and " + std::to_string(hidden) + " between");
}

/// A layer, whose weights are among the block's.
struct Layer {
  StripShape shape;
  std::size_t first_weight = 0;
  std::vector<float> bias;
};

/// Both layers of one half.
struct Half {
  std::vector<float> scale;
  float epsilon = 0.0F;
  Layer first;
  Layer last;

  Normalization normalization() const { return {.scale = scale, .epsilon = epsilon}; }
};

Layer pack(std::span<const float> weights, std::span<const float> bias, const StripShape& shape,
           std::vector<float>& packed) {
  const auto rows = static_cast<std::ptrdiff_t>(shape.rows);
  Layer layer{
      .shape = shape, .first_weight = packed.size(), .bias = {bias.begin(), bias.begin() + rows}};
  append_strips(weights, shape, packed);
  return layer;
}

/// What a half is packed for.
struct HalfShape {
  std::size_t mixed = 0;
  std::size_t hidden = 0;
  std::size_t results = 0;  ///< The first of `mixed`, which are made.
  std::size_t strip = 0;
};

Half pack(const MixerHalf& half, const HalfShape& shape, std::vector<float>& packed) {
  const StripShape first{.rows = shape.hidden, .columns = shape.mixed, .strip = shape.strip};
  const StripShape last{.rows = shape.results, .columns = shape.hidden, .strip = shape.strip};
  return {.scale = {half.scale.begin(), half.scale.end()},
          .epsilon = half.epsilon,
          .first = pack(half.first_weights, half.first_bias, first, packed),
          .last = pack(half.last_weights, half.last_bias, last, packed)};
}

/// A strip of a layer.
struct Strip {
  std::size_t rows = 0;
  const float* weights = nullptr;
  const float* bias = nullptr;
  const float* ahead = nullptr;  ///< The weights behind it, which are read next.
  std::size_t ahead_step = 0;    ///< For each column.
};

/// What both kinds of layers write.
struct Target {
  float* out = nullptr;
  const float* residual = nullptr;  ///< Laid out as `out`; null: the result is rectified.
};

}  // namespace

struct MixerBlock::State {
  MixerBlockShape shape;
  MatrixKernels kernels;
  std::vector<float> weights;  ///< Of all layers, in the order in which they are read.
  Half tokens;
  Half channels;

  Strip strip_at(const Layer& layer, std::size_t row) const;
  void mix_rows(const Layer& layer, const float* in, const Target& target) const;
  void mix_columns(const Layer& layer, const float* in, const Target& target) const;
};

/// The strip that begins at `row`.
Strip MixerBlock::State::strip_at(const Layer& layer, std::size_t row) const {
  const std::size_t rows = std::min(layer.shape.strip, layer.shape.rows - row);
  const std::size_t size = rows * layer.shape.columns;
  const std::size_t first = layer.first_weight + row * layer.shape.columns;
  const bool has_next = first + 2 * size <= weights.size();
  return {.rows = rows,
          .weights = weights.data() + first,
          .bias = layer.bias.data() + row,
          .ahead = weights.data() + first + (has_next ? size : 0),
          .ahead_step = has_next ? rows : 0};
}

/// weights · in, for `in` [weights' columns, channels].
void MixerBlock::State::mix_rows(const Layer& layer, const float* in, const Target& target) const {
  const std::size_t width = shape.channels;
  for (std::size_t row = 0; row < layer.shape.rows; row += layer.shape.strip) {
    const Strip strip = strip_at(layer, row);
    const std::size_t at = row * width;
    kernels.multiply({.rows = strip.rows,
                      .columns = width,
                      .depth = layer.shape.columns,
                      .a = strip.weights,
                      .a_row_step = 1,
                      .a_step = strip.rows,
                      .b = in,
                      .b_step = width,
                      .row_bias = strip.bias,
                      .residual = target.residual != nullptr ? target.residual + at : nullptr,
                      .rectified = target.residual == nullptr,
                      .out = target.out + at,
                      .out_step = width,
                      .ahead = strip.ahead,
                      .ahead_step = strip.ahead_step});
  }
}

/// in · weights transposed, for `in` [results, weights' columns].
void MixerBlock::State::mix_columns(const Layer& layer, const float* in,
                                    const Target& target) const {
  for (std::size_t row = 0; row < layer.shape.rows; row += layer.shape.strip) {
    const Strip strip = strip_at(layer, row);
    kernels.multiply({.rows = shape.results,
                      .columns = strip.rows,
                      .depth = layer.shape.columns,
                      .a = in,
                      .a_row_step = layer.shape.columns,
                      .a_step = 1,
                      .b = strip.weights,
                      .b_step = strip.rows,
                      .column_bias = strip.bias,
                      .residual = target.residual != nullptr ? target.residual + row : nullptr,
                      .rectified = target.residual == nullptr,
                      .out = target.out + row,
                      .out_step = layer.shape.rows,
                      .ahead = strip.ahead,
                      .ahead_step = strip.ahead_step});
  }
}

MixerBlock::MixerBlock(std::unique_ptr<const State> state) : state_(std::move(state)) {}
MixerBlock::~MixerBlock() = default;
MixerBlock::MixerBlock(MixerBlock&&) noexcept = default;
MixerBlock& MixerBlock::operator=(MixerBlock&&) noexcept = default;

Result<MixerBlock> MixerBlock::create(const MixerBlockShape& shape, const MixerHalf& tokens,
                                      const MixerHalf& channels) {
  const bool supported = fits(shape.tokens) && fits_vectors(shape.channels) &&
                         fits(shape.token_hidden) && fits_vectors(shape.channel_hidden) &&
                         fits(shape.results) && shape.results <= shape.tokens;
  if (!supported) {
    return fail(ErrorCode::unsupported,
                "a mixer block of " + std::to_string(shape.tokens) + " tokens of " +
                    std::to_string(shape.channels) + " channels, with " +
                    std::to_string(shape.token_hidden) + " and " +
                    std::to_string(shape.channel_hidden) + " between, for " +
                    std::to_string(shape.results) + " tokens");
  }
  TRY(check_sizes(tokens, shape.tokens, shape.token_hidden, shape.channels, "tokens"));
  TRY(check_sizes(channels, shape.channels, shape.channel_hidden, shape.channels, "channels"));
  auto state = std::make_unique<State>(State{
      .shape = shape, .kernels = matrix_kernels(), .weights = {}, .tokens = {}, .channels = {}});
  state->tokens = pack(tokens,
                       {.mixed = shape.tokens,
                        .hidden = shape.token_hidden,
                        .results = shape.results,
                        .strip = kLeftStrip},
                       state->weights);
  state->channels = pack(channels,
                         {.mixed = shape.channels,
                          .hidden = shape.channel_hidden,
                          .results = shape.channels,
                          .strip = kRightStrip},
                         state->weights);
  return MixerBlock(std::move(state));
}

const MixerBlockShape& MixerBlock::shape() const {
  return state_->shape;
}

void MixerBlock::run(const float* x, float* y) const {
  const State& state = *state_;
  const MixerBlockShape& shape = state.shape;
  const Half& tokens = state.tokens;
  const Half& channels = state.channels;
  const std::size_t hidden_floats =
      std::max(shape.token_hidden * shape.channels, shape.results * shape.channel_hidden);
  float* const hidden = thread_scratch(hidden_floats + shape.tokens * shape.channels);
  float* const normal = hidden + hidden_floats;

  state.kernels.normalise(tokens.normalization(), x, shape.tokens, normal);
  state.mix_rows(tokens.first, normal, {.out = hidden});
  state.mix_rows(tokens.last, hidden, {.out = y, .residual = x});

  state.kernels.normalise(channels.normalization(), y, shape.results, normal);
  state.mix_columns(channels.first, normal, {.out = hidden});
  state.mix_columns(channels.last, hidden, {.out = y, .residual = y});
}

}  // namespace retinue
