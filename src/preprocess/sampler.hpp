/// The fused sampler: a region of a frame becomes a model's input in one pass. Crop, rotation,
/// scaling with a low-pass where it shrinks, colour conversion, normalisation and layout happen
/// together, straight from the decoder's planes; there is never a full-frame RGB picture.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "frame/frame.hpp"
#include "geometry/affine.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

enum class TensorLayout : std::uint8_t { nchw, nhwc };
/// bgrx: four bytes a pixel, the last is 255; for pictures that people look at (uint8, nhwc only).
/// grey: one channel, kGreyWeights of R, G and B.
enum class ChannelOrder : std::uint8_t { rgb, bgr, bgrx, grey };
/// BT.601's luma, by which OpenCV and Pillow make grey pictures of colours.
inline constexpr std::array<float, 3> kGreyWeights = {0.299F, 0.587F, 0.114F};
/// What lies outside the picture: its nearest edge pixel, or `SampleSpec::border_value`.
enum class Border : std::uint8_t { replicate, constant };

/// What a model wants to see.
struct SampleSpec {
  TensorLayout layout = TensorLayout::nchw;
  ChannelOrder channels = ChannelOrder::rgb;
  /// float32 or uint8.
  ElementType type = ElementType::float32;
  /// value = (colour - mean) * scale, colour in [0, 255], in the order R, G, B whatever `channels`
  /// is; of grey the first of each. uint8 rounds to nearest and saturates.
  std::array<float, 3> mean{};
  std::array<float, 3> scale{1, 1, 1};
  Border border = Border::replicate;
  float border_value =
      0;  ///< A colour in [0, 255], before normalisation; the same for all channels.
  /// Where the tensor shrinks the picture: means over what each pixel stands for. Off: bilinear
  /// interpolation between the four nearest pixels whatever the scale, with the patterns that this
  /// makes of what is finer, for models that were trained on such pictures.
  bool low_pass = true;
};

/// Thread-bound: owns scratch memory that grows to the largest region seen. One for each lane.
class Sampler {
 public:
  virtual ~Sampler() = default;
  Sampler() = default;
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  Sampler(Sampler&&) = delete;
  Sampler& operator=(Sampler&&) = delete;

  /// Fills `out` ([1, C, H, W] or [1, H, W, C]) so that the tensor's pixel p shows the frame at
  /// `upright_from_tensor * p`. Allocates nothing in steady state. Not resized: the shape is the
  /// caller's.
  ///
  /// Errors  unsupported: the frame's memory is not this sampler's.
  ///         invalid_argument: `out` does not fit `spec`, or the map is singular or not finite.
  virtual Result<void> sample(const Frame& frame,
                              const Affine<UprightPx, TensorPx>& upright_from_tensor,
                              const SampleSpec& spec, TensorView out) = 0;
};

/// A sampler for frames in the memory of `device`.
///
/// Errors  unsupported: this build has no sampler for the device.
Result<std::unique_ptr<Sampler>> create_sampler(Device device);

}  // namespace retinue
