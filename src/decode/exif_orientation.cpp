#include "decode/exif_orientation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace retinue {

namespace {

using Bytes = std::span<const std::byte>;

enum class ByteOrder : std::uint8_t { little, big };

/// `count` bytes at `at`, or nothing if they are not all there.
std::optional<std::uint32_t> read_number(Bytes bytes, std::size_t at, std::size_t count,
                                         ByteOrder order) {
  if (at > bytes.size() || bytes.size() - at < count) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = order == ByteOrder::big ? at + i : at + count - 1 - i;
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[index]);
  }
  return value;
}

bool starts_with(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin(),
                    [](char c, std::byte b) { return static_cast<std::byte>(c) == b; });
}

std::optional<Orientation> orientation_in_tiff(Bytes tiff) {
  constexpr std::uint32_t kOrientationTag = 0x0112;
  constexpr std::size_t kEntryBytes = 12;
  ByteOrder order = ByteOrder::little;
  if (starts_with(tiff, "MM")) {
    order = ByteOrder::big;
  } else if (!starts_with(tiff, "II")) {
    return std::nullopt;
  }
  const auto directory = read_number(tiff, 4, 4, order);
  if (!directory) return std::nullopt;
  const auto entries = read_number(tiff, *directory, 2, order);
  if (!entries) return std::nullopt;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t entry = std::size_t{*directory} + 2 + i * kEntryBytes;
    const auto tag = read_number(tiff, entry, 2, order);
    if (!tag) return std::nullopt;
    if (*tag != kOrientationTag) continue;
    const auto value = read_number(tiff, entry + 8, 2, order);
    if (!value || *value < 1 || *value > 8) return std::nullopt;
    return static_cast<Orientation>(*value);
  }
  return std::nullopt;
}

std::optional<Orientation> orientation_in_jpeg(Bytes file) {
  constexpr std::uint32_t kApp1 = 0xE1;
  constexpr std::uint32_t kStartOfScan = 0xDA;
  constexpr std::string_view kExif("Exif\0\0", 6);
  std::size_t at = 2;
  for (;;) {
    const auto prefix = read_number(file, at, 1, ByteOrder::big);
    const auto marker = read_number(file, at + 1, 1, ByteOrder::big);
    if (!prefix || !marker || *prefix != 0xFF || *marker == kStartOfScan) return std::nullopt;
    if (*marker == 0xFF) {  // Fill byte.
      ++at;
      continue;
    }
    const auto length = read_number(file, at + 2, 2, ByteOrder::big);
    if (!length || *length < 2) return std::nullopt;
    const Bytes rest = file.subspan(std::min(at + 4, file.size()));
    const Bytes segment = rest.first(std::min<std::size_t>(*length - 2, rest.size()));
    if (*marker == kApp1 && starts_with(segment, kExif)) {
      return orientation_in_tiff(segment.subspan(kExif.size()));
    }
    at += 2 + *length;
  }
}

/// PNG and RIFF: chunks of a name and a length, in one order or the other.
struct ChunkLayout {
  std::size_t first_chunk;
  std::size_t length_at;
  std::size_t name_at;
  std::size_t trailer_bytes;  ///< Check sum after each chunk.
  std::size_t alignment;
  ByteOrder order;
  std::string_view exif_name;
};

constexpr ChunkLayout kPng{8, 0, 4, 4, 1, ByteOrder::big, "eXIf"};
constexpr ChunkLayout kWebp{12, 4, 0, 0, 2, ByteOrder::little, "EXIF"};

std::optional<Orientation> orientation_in_chunks(Bytes file, const ChunkLayout& layout) {
  constexpr std::string_view kJpegStyle("Exif\0\0", 6);  // Some writers of WebP keep it.
  std::size_t at = layout.first_chunk;
  for (;;) {
    const auto length = read_number(file, at + layout.length_at, 4, layout.order);
    if (!length || file.size() - at < 8) return std::nullopt;
    const Bytes rest = file.subspan(at + 8);
    Bytes chunk = rest.first(std::min<std::size_t>(*length, rest.size()));
    if (starts_with(file.subspan(at + layout.name_at), layout.exif_name)) {
      if (starts_with(chunk, kJpegStyle)) chunk = chunk.subspan(kJpegStyle.size());
      return orientation_in_tiff(chunk);
    }
    const std::size_t padded =
        (std::size_t{*length} + layout.alignment - 1) / layout.alignment * layout.alignment;
    at += 8 + padded + layout.trailer_bytes;
  }
}

}  // namespace

std::optional<Orientation> exif_orientation(std::span<const std::byte> file) {
  if (starts_with(file, "\xFF\xD8")) return orientation_in_jpeg(file);
  if (starts_with(file, "\x89PNG")) return orientation_in_chunks(file, kPng);
  if (starts_with(file, "RIFF")) return orientation_in_chunks(file, kWebp);
  return orientation_in_tiff(file);
}

}  // namespace retinue
