#include "sink/text_strip.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/utf8.hpp"
#include "sink/canvas.hpp"

namespace retinue {

namespace {

constexpr SrgbColor kStripColor{0.13, 0.13, 0.15};
constexpr SrgbColor kPanelColor{0.10, 0.10, 0.12};
constexpr SrgbColor kQuietText{0.70, 0.70, 0.72};
constexpr SrgbColor kText{1, 1, 1};
constexpr std::string_view kEllipsis = "…";
constexpr float kPanelFontPx = 15;

/// Cairo draws nothing at all of text with a byte that is not UTF-8.
std::string as_utf8(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    clean += length == 0 ? "?" : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

/// `text`, or as much of it as `room_px` has room for with the ellipsis behind it.
std::string fitting(const Canvas& canvas, const std::string& text, float room_px) {
  if (canvas.text_width(text) <= room_px) return text;
  std::string best;
  for (std::size_t end = 0; end < text.size();) {
    std::string cut = text.substr(0, end).append(kEllipsis);
    if (canvas.text_width(cut) > room_px) break;
    best = std::move(cut);
    end += std::max<std::size_t>(utf8_length(std::string_view(text).substr(end)), 1);
  }
  return best;
}

Box<FramePx> whole(Size size) {
  return {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
}

}  // namespace

void fill_picture(const Preview& picture, const SrgbColor& color) {
  const auto byte = [](double value) { return static_cast<std::byte>(std::lround(value * 255)); };
  for (int row = 0; row < picture.size.height; ++row) {
    std::byte* pixel = picture.bgrx + row * picture.stride_bytes;
    for (int column = 0; column < picture.size.width; ++column, pixel += 4) {
      pixel[0] = byte(color.blue);
      pixel[1] = byte(color.green);
      pixel[2] = byte(color.red);
      pixel[3] = std::byte{255};
    }
  }
}

void draw_text_strip(const Preview& strip, const std::string& left, const std::string& right) {
  Canvas canvas(strip);
  const Box<FramePx> box = whole(strip.size);
  canvas.add_rounded_box(box, 0);
  canvas.fill(kStripColor);
  const float font_px = std::round(box.height * 0.55F);
  const float gap = font_px * 0.6F;
  const float base_line = std::round(box.height / 2 + font_px * 0.36F);
  canvas.set_font(font_px, FontWeight::normal);
  const std::string right_text = fitting(canvas, as_utf8(right), box.width - 2 * gap);
  const float right_x = box.width - gap - canvas.text_width(right_text);
  canvas.draw_text({right_x, base_line}, right_text, kQuietText);
  const float left_room_px = right_text.empty() ? box.width - 2 * gap : right_x - 2 * gap;
  canvas.draw_text({gap, base_line}, fitting(canvas, as_utf8(left), left_room_px), kText);
}

void draw_text_panel(const Preview& picture, std::span<const TextRow> rows) {
  Canvas canvas(picture);
  canvas.set_font(kPanelFontPx, FontWeight::normal);
  float text_px = 0;
  for (const TextRow& row : rows)
    text_px = std::max(text_px, canvas.text_width(row.text));
  canvas.set_font(kPanelFontPx, FontWeight::bold);
  float key_px = 0;
  for (const TextRow& row : rows)
    key_px = std::max(key_px, canvas.text_width(row.key));

  const float margin = kPanelFontPx;
  const float row_px = kPanelFontPx * 1.6F;
  const float width = key_px + text_px + 3 * margin;
  const float height = row_px * static_cast<float>(rows.size()) + 1.4F * margin;
  const Box<FramePx> window = whole(picture.size);
  const Box<FramePx> panel{std::round((window.width - width) / 2),
                           std::round((window.height - height) / 2), width, height};
  canvas.add_rounded_box(panel, kPanelFontPx * 0.5F);
  canvas.fill(kPanelColor);
  float base_line = panel.y + 0.7F * margin + row_px * 0.7F;
  for (const TextRow& row : rows) {
    canvas.set_font(kPanelFontPx, FontWeight::bold);
    canvas.draw_text({panel.x + margin, base_line}, row.key, kText);
    canvas.set_font(kPanelFontPx, FontWeight::normal);
    canvas.draw_text({panel.x + 2 * margin + key_px, base_line}, row.text, kQuietText);
    base_line += row_px;
  }
}

}  // namespace retinue
