/// A picture to draw on.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "frame/preview.hpp"

namespace retinue {

using Bgr = std::array<std::uint8_t, 3>;

/// Owns what its preview borrows. Rows are followed by bytes that nobody may touch.
class PaintedPicture {
 public:
  explicit PaintedPicture(Size size, Bgr color = {0, 0, 0})
      : size_(size), pixels_(stride() * static_cast<std::size_t>(size.height), kGuard) {
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x)
        set(x, y, color);
    }
  }

  Preview preview() { return {pixels_.data(), static_cast<std::ptrdiff_t>(stride()), size_}; }

  void set(int x, int y, Bgr color) {
    for (std::size_t i = 0; i < 3; ++i)
      pixels_[offset(x, y) + i] = static_cast<std::byte>(color[i]);
    pixels_[offset(x, y) + 3] = std::byte{0};
  }

  Bgr at(int x, int y) const {
    Bgr color{};
    for (std::size_t i = 0; i < 3; ++i)
      color[i] = static_cast<std::uint8_t>(pixels_[offset(x, y) + i]);
    return color;
  }

  bool guards_are_untouched() const {
    for (int y = 0; y < size_.height; ++y) {
      for (std::size_t i = offset(size_.width, y); i < stride() * (static_cast<std::size_t>(y) + 1);
           ++i) {
        if (pixels_[i] != kGuard) return false;
      }
    }
    return true;
  }

  friend bool operator==(const PaintedPicture& a, const PaintedPicture& b) {
    return a.size_ == b.size_ && a.pixels_ == b.pixels_;
  }

 private:
  static constexpr std::byte kGuard{0xA5};

  std::size_t stride() const { return static_cast<std::size_t>(size_.width) * 4 + 16; }
  std::size_t offset(int x, int y) const {
    return static_cast<std::size_t>(y) * stride() + static_cast<std::size_t>(x) * 4;
  }

  Size size_;
  std::vector<std::byte> pixels_;
};

}  // namespace retinue
