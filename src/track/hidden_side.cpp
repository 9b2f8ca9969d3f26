#include "track/hidden_side.hpp"

#include <algorithm>

namespace retinue {

namespace {

/// Of the expected extent, below which a part of the box is missing: detectors tremble.
constexpr float kWhole = 0.9F;
/// The end of a box that another hides is at most this share of the expected extent from that.
constexpr float kMaxGap = 0.2F;
/// Of a side's length, from which what covers it hides it.
constexpr float kMinCover = 0.5F;

/// A box along one axis.
struct Extent {
  float low = 0;
  float high = 0;

  float length() const { return high - low; }
};

Extent along_x(const Box<FramePx>& box) {
  return {box.x, box.right()};
}

Extent along_y(const Box<FramePx>& box) {
  return {box.y, box.bottom()};
}

float shared(const Extent& a, const Extent& b) {
  return std::max(0.0F, std::min(a.high, b.high) - std::max(a.low, b.low));
}

using Along = Extent (*)(const Box<FramePx>&);

/// The extent along one axis with what is hidden of it; `across` is the other axis.
Extent completed(std::span<const Box<FramePx>> boxes, std::size_t index,
                 const Box<FramePx>& expected_box, Along along, Along across) {
  const Extent seen = along(boxes[index]);
  const Extent expected = along(expected_box);
  if (!(seen.length() < kWhole * expected.length())) return seen;
  const Extent side = across(boxes[index]);
  const float gap = kMaxGap * expected.length();
  bool low_hidden = false;
  bool high_hidden = false;
  for (std::size_t b = 0; b < boxes.size(); ++b) {
    if (b == index || shared(across(boxes[b]), side) < kMinCover * side.length()) continue;
    const Extent cover = along(boxes[b]);
    low_hidden |= cover.low < seen.low && seen.low < cover.high + gap;
    high_hidden |= cover.high > seen.high && seen.high > cover.low - gap;
  }
  if (low_hidden == high_hidden) return seen;
  if (low_hidden) return {seen.high - expected.length(), seen.high};
  return {seen.low, seen.low + expected.length()};
}

}  // namespace

Box<FramePx> with_hidden_side(std::span<const Box<FramePx>> seen, std::size_t index,
                              const Box<FramePx>& expected) {
  const Extent x = completed(seen, index, expected, along_x, along_y);
  const Extent y = completed(seen, index, expected, along_y, along_x);
  return {x.low, y.low, x.length(), y.length()};
}

}  // namespace retinue
