/// EXIF as cameras write it, for tests.
#pragma once

#include <cstdint>
#include <string>

namespace retinue {

inline std::string big_endian(std::size_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i)
    text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

inline std::string little_endian(std::size_t value, int bytes) {
  const std::string text = big_endian(value, bytes);
  return {text.rbegin(), text.rend()};
}

/// A TIFF structure of two entries, the second one the orientation; `order` is 'I' or 'M'.
inline std::string exif_tiff(int orientation, char order) {
  const auto number = [order](std::size_t value, int bytes) {
    return order == 'I' ? little_endian(value, bytes) : big_endian(value, bytes);
  };
  constexpr std::size_t kShort = 3;
  const auto entry = [&](std::size_t tag, int value) {
    return number(tag, 2) + number(kShort, 2) + number(1, 4) +
           number(static_cast<std::size_t>(value), 2) + number(0, 2);
  };
  return std::string(2, order) + number(42, 2) + number(8, 4) + number(2, 2) + entry(0x0100, 77) +
         entry(0x0112, orientation) + number(0, 4);
}

/// The APP1 segment of a JPEG.
inline std::string jpeg_exif(const std::string& tiff) {
  return "\xFF\xE1" + big_endian(tiff.size() + 8, 2) + std::string("Exif\0\0", 6) + tiff;
}

}  // namespace retinue
