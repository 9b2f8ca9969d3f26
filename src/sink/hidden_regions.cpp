#include "sink/hidden_regions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "sink/canvas.hpp"

namespace retinue {

namespace {

constexpr int kCells = 2;  ///< Along each axis: with more, detectors still find faces.
constexpr int kPixelBytes = 4;

/// Whole pixels of a picture.
struct PixelBox {
  int left = 0;
  int top = 0;
  int right = 0;   ///< Not included.
  int bottom = 0;  ///< Not included.

  bool is_empty() const { return left >= right || top >= bottom; }
};

PixelBox pixels_around(const HiddenRegion& region, Size picture) {
  const auto [left, right] = std::ranges::minmax(region.outline, {}, &Point<FramePx>::x);
  const auto [top, bottom] = std::ranges::minmax(region.outline, {}, &Point<FramePx>::y);
  const auto held = [](float place, int end) {
    return static_cast<int>(std::clamp(place, 0.0F, static_cast<float>(end)));
  };
  return {held(std::floor(left.x), picture.width), held(std::floor(top.y), picture.height),
          held(std::ceil(right.x), picture.width), held(std::ceil(bottom.y), picture.height)};
}

using Pixel = std::array<std::uint8_t, kPixelBytes>;

/// BT.709 luma; full range.
std::uint8_t grey_of(double blue, double green, double red) {
  return static_cast<std::uint8_t>(std::lround(0.0722 * blue + 0.7152 * green + 0.2126 * red));
}

Pixel mean_of(const Preview& picture, const PixelBox& box) {
  std::array<std::uint64_t, 3> sums{};
  for (int y = box.top; y < box.bottom; ++y) {
    const std::byte* row = picture.bgrx + y * picture.stride_bytes;
    for (int x = box.left; x < box.right; ++x) {
      for (std::size_t c = 0; c < sums.size(); ++c)
        sums[c] += std::to_integer<std::uint64_t>(
            row[std::ptrdiff_t{kPixelBytes} * x + static_cast<std::ptrdiff_t>(c)]);
    }
  }
  const double count = static_cast<double>(box.right - box.left) * (box.bottom - box.top);
  const std::uint8_t grey =
      grey_of(static_cast<double>(sums[0]) / count, static_cast<double>(sums[1]) / count,
              static_cast<double>(sums[2]) / count);
  return {grey, grey, grey, 255};
}

void hide(const HiddenRegion& region, const Preview& picture) {
  if (region.outline.size() < 3) return;
  const PixelBox box = pixels_around(region, picture.size);
  if (box.is_empty()) return;
  const int columns = std::min(kCells, box.right - box.left);
  const int rows = std::min(kCells, box.bottom - box.top);
  std::array<Pixel, kCells * kCells> means{};
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const auto edge = [](int first, int last, int cells, int cell) {
        return first + (last - first) * cell / cells;
      };
      const PixelBox cell{
          edge(box.left, box.right, columns, column), edge(box.top, box.bottom, rows, row),
          edge(box.left, box.right, columns, column + 1), edge(box.top, box.bottom, rows, row + 1)};
      means[static_cast<std::size_t>(row * kCells + column)] = mean_of(picture, cell);
    }
  }
  const Preview small{.bgrx = reinterpret_cast<std::byte*>(means.data()),
                      .stride_bytes = std::ptrdiff_t{kCells} * kPixelBytes,
                      .size = {columns, rows}};
  const Box<FramePx> area{static_cast<float>(box.left), static_cast<float>(box.top),
                          static_cast<float>(box.right - box.left),
                          static_cast<float>(box.bottom - box.top)};
  Canvas canvas(picture);
  canvas.add_polyline(region.outline, PathEnd::closed);
  canvas.fill_with(small, area);
}

}  // namespace

void hide_regions(std::span<const HiddenRegion> regions, const Preview& picture) {
  for (const HiddenRegion& region : regions)
    hide(region, picture);
}

}  // namespace retinue
