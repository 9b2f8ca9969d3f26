/// Text beside and over pictures, for who shows them.
#pragma once

#include <span>
#include <string>

#include "frame/preview.hpp"
#include "sink/track_color.hpp"

namespace retinue {

/// Behind pictures that do not fill their room.
inline constexpr SrgbColor kRoomColor{0.07, 0.07, 0.08};

/// All of `picture` in one colour. As all here: rows begin at a multiple of 4 bytes.
void fill_picture(const Preview& picture, const SrgbColor& color);

/// Fills `strip` with a line of text that has its height: `left` at its left end and `right` at its
/// right end. Where both do not fit, `left` ends in "…", so far as it leaves room. Bytes that are
/// not UTF-8 become "?".
void draw_text_strip(const Preview& strip, const std::string& left, const std::string& right);

/// A row of a panel.
struct TextRow {
  std::string key;
  std::string text;
};

/// An opaque panel of two columns in the middle of `picture`, as far as there is room.
void draw_text_panel(const Preview& picture, std::span<const TextRow> rows);

}  // namespace retinue
