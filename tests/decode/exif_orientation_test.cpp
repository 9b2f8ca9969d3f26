#include "decode/exif_orientation.hpp"

#include <string>

#include <gtest/gtest.h>

#include "decode/exif_bytes.hpp"

namespace retinue {
namespace {

std::optional<Orientation> orientation_in(const std::string& file) {
  return exif_orientation(std::as_bytes(std::span(file)));
}

std::string png_chunk(const std::string& name, const std::string& data) {
  return big_endian(data.size(), 4) + name + data + "CRC4";
}

TEST(ExifOrientation, IsReadFromAJpegInBothByteOrders) {
  for (int value = 1; value <= 8; ++value) {
    const auto expected = static_cast<Orientation>(value);
    EXPECT_EQ(orientation_in("\xFF\xD8" + jpeg_exif(exif_tiff(value, 'I'))), expected);
    EXPECT_EQ(orientation_in("\xFF\xD8" + jpeg_exif(exif_tiff(value, 'M'))), expected);
  }
}

TEST(ExifOrientation, IsFoundBehindOtherSegmentsOfAJpeg) {
  const std::string jfif = "\xFF\xE0" + big_endian(6, 2) + "JFIF";
  const std::string xmp = "\xFF\xFF\xE1" + big_endian(6, 2) + "http";  // One fill byte before it.

  EXPECT_EQ(orientation_in("\xFF\xD8" + jfif + xmp + jpeg_exif(exif_tiff(6, 'M'))),
            Orientation::rotated_90_clockwise);
}

TEST(ExifOrientation, IsReadFromAPng) {
  const std::string png = "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", std::string(13, 'x')) +
                          png_chunk("eXIf", exif_tiff(8, 'M'));
  EXPECT_EQ(orientation_in(png), Orientation::rotated_90_counterclockwise);
}

TEST(ExifOrientation, IsReadFromAWebp) {
  const std::string odd_chunk = "VP8X" + little_endian(3, 4) + "abc" + std::string(1, '\0');
  const std::string head = "RIFF" + little_endian(100, 4) + "WEBP" + odd_chunk + "EXIF";
  const std::string tiff = exif_tiff(5, 'I');

  EXPECT_EQ(orientation_in(head + little_endian(tiff.size(), 4) + tiff), Orientation::transposed);
  const std::string prefixed = std::string("Exif\0\0", 6) + tiff;
  EXPECT_EQ(orientation_in(head + little_endian(prefixed.size(), 4) + prefixed),
            Orientation::transposed);
}

TEST(ExifOrientation, IsReadFromATiff) {
  EXPECT_EQ(orientation_in(exif_tiff(3, 'I')), Orientation::rotated_180);
}

TEST(ExifOrientation, IsAbsentWithoutExif) {
  EXPECT_EQ(orientation_in(""), std::nullopt);
  EXPECT_EQ(orientation_in("II"), std::nullopt);
  EXPECT_EQ(orientation_in("GIF89a"), std::nullopt);
  EXPECT_EQ(orientation_in("\xFF\xD8\xFF\xDA" + big_endian(2, 2)), std::nullopt);
}

TEST(ExifOrientation, IsAbsentIfItsValueIsNone) {
  EXPECT_EQ(orientation_in(exif_tiff(0, 'I')), std::nullopt);
  EXPECT_EQ(orientation_in(exif_tiff(9, 'M')), std::nullopt);
}

TEST(ExifOrientation, IsAbsentInAFileThatBreaksOff) {
  const std::string jpeg = "\xFF\xD8" + jpeg_exif(exif_tiff(6, 'M'));
  // Up to the value itself; what comes behind it does not matter.
  for (std::size_t size = 0; size < jpeg.size() - 6; ++size) {
    EXPECT_EQ(orientation_in(jpeg.substr(0, size)), std::nullopt) << size;
  }
}

TEST(ExifOrientation, IsAbsentIfItsDirectoryIsOutsideTheFile) {
  EXPECT_EQ(orientation_in("MM" + big_endian(42, 2) + "\xFF\xFF\xFF\xFF"), std::nullopt);
}

}  // namespace
}  // namespace retinue
