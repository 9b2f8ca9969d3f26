/// How the bytes of a picture are laid out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace retinue {

/// The layouts that the sampler reads directly. The decoder converts anything else (rare) to the
/// nearest of these. Names as FFmpeg's; multi-byte samples are little-endian.
enum class PixelFormat : std::uint8_t {
  yuv420p,
  yuv422p,
  yuv444p,
  yuv440p,
  yuv411p,
  yuv410p,
  nv12,
  nv21,
  yuv420p10,
  yuv422p10,
  yuv444p10,
  yuv420p12,
  yuv422p12,
  yuv444p12,
  p010,
  gray8,
  gray10,
  gray12,
  gray16,
  rgb24,
  bgr24,
  rgba,
  bgra,
  argb,
  abgr,
  gbrp,
};

/// One of Y, U, V or R, G, B inside a picture.
struct Component {
  std::uint8_t plane = 0;         ///< Which plane it lives in.
  std::uint8_t offset_bytes = 0;  ///< Of its first sample, from the start of a row.
  std::uint8_t step_bytes = 1;    ///< From one sample to the next in a row.
  std::uint8_t shift_bits =
      0;                    ///< Unused low bits of a sample (p010 keeps its 10 bits at the top).
  std::uint8_t log2_x = 0;  ///< Horizontal subsampling: one sample for 2^log2_x pixels.
  std::uint8_t log2_y = 0;  ///< Vertical subsampling.
};

enum class ColorModel : std::uint8_t { gray, yuv, rgb };

struct PixelFormatLayout {
  PixelFormat format;
  std::string_view name;
  ColorModel model;
  std::uint8_t
      depth_bits;  ///< Significant bits of a sample; samples of more than 8 take two bytes.
  std::uint8_t plane_count;
  /// Y, U, V or R, G, B; only the first for gray.
  std::array<Component, 3> components;

  std::size_t bytes_per_sample() const { return depth_bits > 8 ? 2 : 1; }
  std::size_t component_count() const { return model == ColorModel::gray ? 1 : 3; }
};

/// Never fails: every PixelFormat has a layout.
const PixelFormatLayout& layout_of(PixelFormat format);

/// All layouts, in the order of the enumeration.
std::span<const PixelFormatLayout> pixel_format_layouts();

/// Samples along an edge of `pixels`: subsampled planes round up (641 pixels have 321 chroma
/// samples).
constexpr int subsampled(int pixels, int log2) {
  return -((-pixels) >> log2);
}

}  // namespace retinue
