/// A block of an MLP-Mixer in one call.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/result.hpp"

namespace retinue {

/// Numbers of what a mixer block reads and makes.
struct MixerBlockShape {
  std::size_t tokens = 0;
  std::size_t channels = 0;        ///< A multiple of 8.
  std::size_t token_hidden = 0;    ///< Between the two layers that mix tokens.
  std::size_t channel_hidden = 0;  ///< Between those that mix channels; a multiple of 8.
  std::size_t results = 0;         ///< The first so many tokens are made.
};

/// One half of a block. Borrowed for the call it is passed to.
struct MixerHalf {
  std::span<const float> scale;          ///< Of the normalisation, [channels].
  float epsilon = 0.0F;                  ///< Likewise, added to the variance.
  std::span<const float> first_weights;  ///< [hidden, tokens or channels]
  std::span<const float> first_bias;     ///< [hidden]
  std::span<const float> last_weights;   ///< [tokens or channels, hidden]
  std::span<const float> last_bias;      ///< [tokens or channels]
};

/// A block of an MLP-Mixer (Tolstikhin et al., 2021, arXiv:2105.01601) with ReLU, as MediaPipe's
/// blendshapes have it:
///
///     u = x + last(relu(first(norm(x))))   over the tokens, for each channel
///     y = u + last(relu(first(norm(u))))   over the channels, for each token
///
/// where norm is the layer normalisation over a token's channels. x and y are float32
/// [tokens, channels].
///
/// The weights lie in memory as they are read, and each part is fetched while the one before is
/// multiplied: between two calls other models have had the cache.
///
/// Immutable; `run` may be called from many threads at once.
class MixerBlock {
 public:
  /// Copies the constants.
  ///
  /// Errors  unsupported: a shape that this is not made for. invalid_argument: constants of another
  ///         size than the shape's.
  static Result<MixerBlock> create(const MixerBlockShape& shape, const MixerHalf& tokens,
                                   const MixerHalf& channels);
  ~MixerBlock();
  MixerBlock(const MixerBlock&) = delete;
  MixerBlock& operator=(const MixerBlock&) = delete;
  MixerBlock(MixerBlock&&) noexcept;
  MixerBlock& operator=(MixerBlock&&) noexcept;

  const MixerBlockShape& shape() const;

  /// `x` [tokens, channels] to `y` [results, channels].
  void run(const float* x, float* y) const;

 private:
  struct State;
  explicit MixerBlock(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace retinue
