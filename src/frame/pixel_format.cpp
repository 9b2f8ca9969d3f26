#include "frame/pixel_format.hpp"

namespace retinue {

namespace {

constexpr PixelFormatLayout planar_yuv(PixelFormat format, std::string_view name, int depth,
                                       int log2_x, int log2_y) {
  const auto step = static_cast<std::uint8_t>(depth > 8 ? 2 : 1);
  const auto x = static_cast<std::uint8_t>(log2_x);
  const auto y = static_cast<std::uint8_t>(log2_y);
  return {.format = format,
          .name = name,
          .model = ColorModel::yuv,
          .depth_bits = static_cast<std::uint8_t>(depth),
          .plane_count = 3,
          .components = {{{.plane = 0, .step_bytes = step},
                          {.plane = 1, .step_bytes = step, .log2_x = x, .log2_y = y},
                          {.plane = 2, .step_bytes = step, .log2_x = x, .log2_y = y}}}};
}

constexpr PixelFormatLayout semi_planar(PixelFormat format, std::string_view name, int depth,
                                        bool u_first) {
  const auto bytes = static_cast<std::uint8_t>(depth > 8 ? 2 : 1);
  const auto step = static_cast<std::uint8_t>(2 * bytes);
  const auto shift = static_cast<std::uint8_t>(depth > 8 ? 16 - depth : 0);
  const auto u = static_cast<std::uint8_t>(u_first ? 0 : bytes);
  const auto v = static_cast<std::uint8_t>(u_first ? bytes : 0);
  const Component chroma{
      .plane = 1, .step_bytes = step, .shift_bits = shift, .log2_x = 1, .log2_y = 1};
  Component u_component = chroma;
  Component v_component = chroma;
  u_component.offset_bytes = u;
  v_component.offset_bytes = v;
  return {.format = format,
          .name = name,
          .model = ColorModel::yuv,
          .depth_bits = static_cast<std::uint8_t>(depth),
          .plane_count = 2,
          .components = {
              {{.plane = 0, .step_bytes = bytes, .shift_bits = shift}, u_component, v_component}}};
}

constexpr PixelFormatLayout gray(PixelFormat format, std::string_view name, int depth) {
  return {.format = format,
          .name = name,
          .model = ColorModel::gray,
          .depth_bits = static_cast<std::uint8_t>(depth),
          .plane_count = 1,
          .components = {{{.step_bytes = static_cast<std::uint8_t>(depth > 8 ? 2 : 1)}, {}, {}}}};
}

/// `r`, `g`, `b`: byte of each colour in a pixel of `step` bytes.
constexpr PixelFormatLayout packed_rgb(PixelFormat format, std::string_view name, int step, int r,
                                       int g, int b) {
  const auto component = [step](int offset) {
    return Component{.offset_bytes = static_cast<std::uint8_t>(offset),
                     .step_bytes = static_cast<std::uint8_t>(step)};
  };
  return {.format = format,
          .name = name,
          .model = ColorModel::rgb,
          .depth_bits = 8,
          .plane_count = 1,
          .components = {{component(r), component(g), component(b)}}};
}

constexpr auto kLayouts = std::to_array<PixelFormatLayout>({
    planar_yuv(PixelFormat::yuv420p, "yuv420p", 8, 1, 1),
    planar_yuv(PixelFormat::yuv422p, "yuv422p", 8, 1, 0),
    planar_yuv(PixelFormat::yuv444p, "yuv444p", 8, 0, 0),
    planar_yuv(PixelFormat::yuv440p, "yuv440p", 8, 0, 1),
    planar_yuv(PixelFormat::yuv411p, "yuv411p", 8, 2, 0),
    planar_yuv(PixelFormat::yuv410p, "yuv410p", 8, 2, 2),
    semi_planar(PixelFormat::nv12, "nv12", 8, true),
    semi_planar(PixelFormat::nv21, "nv21", 8, false),
    planar_yuv(PixelFormat::yuv420p10, "yuv420p10", 10, 1, 1),
    planar_yuv(PixelFormat::yuv422p10, "yuv422p10", 10, 1, 0),
    planar_yuv(PixelFormat::yuv444p10, "yuv444p10", 10, 0, 0),
    planar_yuv(PixelFormat::yuv420p12, "yuv420p12", 12, 1, 1),
    planar_yuv(PixelFormat::yuv422p12, "yuv422p12", 12, 1, 0),
    planar_yuv(PixelFormat::yuv444p12, "yuv444p12", 12, 0, 0),
    semi_planar(PixelFormat::p010, "p010", 10, true),
    gray(PixelFormat::gray8, "gray8", 8),
    gray(PixelFormat::gray10, "gray10", 10),
    gray(PixelFormat::gray12, "gray12", 12),
    gray(PixelFormat::gray16, "gray16", 16),
    packed_rgb(PixelFormat::rgb24, "rgb24", 3, 0, 1, 2),
    packed_rgb(PixelFormat::bgr24, "bgr24", 3, 2, 1, 0),
    packed_rgb(PixelFormat::rgba, "rgba", 4, 0, 1, 2),
    packed_rgb(PixelFormat::bgra, "bgra", 4, 2, 1, 0),
    packed_rgb(PixelFormat::argb, "argb", 4, 1, 2, 3),
    packed_rgb(PixelFormat::abgr, "abgr", 4, 3, 2, 1),
    // FFmpeg's plane order is G, B, R.
    PixelFormatLayout{.format = PixelFormat::gbrp,
                      .name = "gbrp",
                      .model = ColorModel::rgb,
                      .depth_bits = 8,
                      .plane_count = 3,
                      .components = {{{.plane = 2}, {.plane = 0}, {.plane = 1}}}},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kLayouts.size(); ++i) {
    if (static_cast<std::size_t>(kLayouts[i].format) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the table is indexed by PixelFormat");

}  // namespace

const PixelFormatLayout& layout_of(PixelFormat format) {
  return kLayouts[static_cast<std::size_t>(format)];
}

std::span<const PixelFormatLayout> pixel_format_layouts() {
  return kLayouts;
}

}  // namespace retinue
