/// Pictures made for the tests, in every pixel format, in buffers of exactly the bytes that the
/// format needs, so that a sanitizer sees the first byte read beyond them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "frame/frame.hpp"

namespace retinue {

/// How the rows of a test picture lie in memory.
enum class RowOrder : std::uint8_t { top_down, bottom_up };

class TestPicture {
 public:
  struct Settings {
    PixelFormat format = PixelFormat::yuv420p;
    Size size{64, 48};
    Color color;
    Orientation orientation = Orientation::upright;
    double pixel_aspect = 1;
    RowOrder rows = RowOrder::top_down;
    int padding_bytes = 0;  ///< Between rows.
  };

  /// R, G, B in [0, 255] of a scene at a place of the stored picture, in pixels.
  using Scene = std::function<std::array<double, 3>(double x, double y)>;

  /// All codes 0.
  explicit TestPicture(const Settings& settings);
  ~TestPicture() = default;
  TestPicture(const TestPicture&) = delete;
  TestPicture& operator=(const TestPicture&) = delete;
  TestPicture(TestPicture&&) = default;
  TestPicture& operator=(TestPicture&&) = default;

  /// Every component gets random codes over its whole range; the same for the same seed.
  TestPicture& fill_with_noise(std::uint32_t seed);
  /// Every sample gets the code of its component.
  TestPicture& fill(const std::array<int, 3>& codes);
  /// Each sample is taken at the place where its component lies, rounded to its code.
  TestPicture& render(const Scene& scene);

  int code(std::size_t component, int x, int y) const;
  void set_code(std::size_t component, int x, int y, int code);
  Size size_of(std::size_t component) const;

  /// A borrow: the picture must outlive it.
  Frame frame() const;

 private:
  std::byte* at(std::size_t component, int x, int y) const;

  Settings settings_;
  std::array<std::vector<std::byte>, 3> bytes_;
  std::array<std::byte*, 3> top_row_{};
  std::array<std::ptrdiff_t, 3> strides_{};
};

}  // namespace retinue
