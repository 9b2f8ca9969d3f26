#include "face/mat_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace retinue {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kMaxUnpackedBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxNumbers = std::size_t{4} << 20;  ///< Of all matrices together.

/// Types of elements, by their numbers in the format.
enum Type : std::uint32_t {
  int8 = 1,
  uint8 = 2,
  int16 = 3,
  uint16 = 4,
  int32 = 5,
  uint32 = 6,
  float32 = 7,
  float64 = 9,
  matrix = 14,
  compressed = 15
};

template <typename Number>
Number number_at(Bytes bytes, std::size_t offset) {
  Number number;
  std::memcpy(&number, bytes.data() + offset, sizeof(Number));
  return number;
}

tl::unexpected<Error> cut_short() {
  return fail(ErrorCode::corrupt_input, "the MAT-file is cut short");
}

struct Element {
  std::uint32_t type = 0;
  Bytes data;
};

/// Takes the first element off `bytes`.
Result<Element> take_element(Bytes& bytes) {
  if (bytes.size() < 8) return cut_short();
  const auto first = number_at<std::uint32_t>(bytes, 0);
  if (const std::uint32_t small_size = first >> 16U; small_size != 0) {  // Tag and data in one.
    if (small_size > 4) return cut_short();
    const Element element{first & 0xFFFFU, bytes.subspan(4, small_size)};
    bytes = bytes.subspan(8);
    return element;
  }
  const std::size_t size = number_at<std::uint32_t>(bytes, 4);
  if (size > bytes.size() - 8) return cut_short();
  const Element element{first, bytes.subspan(8, size)};
  // Compressed elements are followed at once by the next, others begin at multiples of 8.
  const std::size_t padded = first == compressed ? size : (size + 7) / 8 * 8;
  bytes = bytes.subspan(std::min(8 + padded, bytes.size()));
  return element;
}

Result<std::vector<std::byte>> unpacked(Bytes packed) {
  std::vector<std::byte> content;
  for (std::size_t room = std::size_t{1} << 16; room <= kMaxUnpackedBytes; room *= 4) {
    content.resize(room);
    auto size = static_cast<uLongf>(room);
    const int result = uncompress(reinterpret_cast<Bytef*>(content.data()), &size,
                                  reinterpret_cast<const Bytef*>(packed.data()),
                                  static_cast<uLong>(packed.size()));
    if (result == Z_BUF_ERROR) continue;
    if (result != Z_OK) break;
    content.resize(size);
    return content;
  }
  return fail(ErrorCode::corrupt_input, "a part of the MAT-file does not unpack");
}

template <typename Number>
std::vector<double> numbers(Bytes data) {
  std::vector<double> values(data.size() / sizeof(Number));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(number_at<Number>(data, i * sizeof(Number)));
  return values;
}

/// Of any numeric type: small whole numbers are kept as such.
Result<std::vector<double>> numbers_of(const Element& element) {
  switch (element.type) {
    case int8:
      return numbers<std::int8_t>(element.data);
    case uint8:
      return numbers<std::uint8_t>(element.data);
    case int16:
      return numbers<std::int16_t>(element.data);
    case uint16:
      return numbers<std::uint16_t>(element.data);
    case int32:
      return numbers<std::int32_t>(element.data);
    case uint32:
      return numbers<std::uint32_t>(element.data);
    case float32:
      return numbers<float>(element.data);
    case float64:
      return numbers<double>(element.data);
    default:
      return fail(ErrorCode::corrupt_input,
                  "the MAT-file has numbers of type " + std::to_string(element.type));
  }
}

/// Adds the matrix that an element's data describe; nothing for those that are no numbers.
/// `room`: how many numbers all matrices may have yet.
Result<void> add_matrix(Bytes data, std::size_t& room, std::map<std::string, MatMatrix>& matrices) {
  constexpr std::uint32_t kFirstNumericClass = 6;  // Before it: cells, structures, text.
  constexpr std::uint32_t kComplex = 0x800;
  const Element flags = TRY(take_element(data));
  if (flags.type != uint32 || flags.data.size() < 8) return cut_short();
  const auto flag_bits = number_at<std::uint32_t>(flags.data, 0);
  if ((flag_bits & 0xFFU) < kFirstNumericClass || (flag_bits & kComplex) != 0) return {};
  const Element dimensions = TRY(take_element(data));
  const Element name = TRY(take_element(data));
  if (dimensions.type != int32 || dimensions.data.size() != 8) return {};
  const Element real = TRY(take_element(data));
  const auto rows = number_at<std::int32_t>(dimensions.data, 0);
  const auto columns = number_at<std::int32_t>(dimensions.data, 4);
  // A number has a byte at least.
  if (real.data.size() > room)
    return fail(ErrorCode::unsupported, "the MAT-file has more numbers than are read");
  MatMatrix found;
  found.rows = static_cast<std::size_t>(rows);
  found.columns = static_cast<std::size_t>(columns);
  found.values = TRY(numbers_of(real));
  room -= found.values.size();
  if (rows < 0 || columns < 0 || found.values.size() != found.rows * found.columns)
    return fail(ErrorCode::corrupt_input, "a matrix of the MAT-file has not the numbers it says");
  const std::string_view text(reinterpret_cast<const char*>(name.data.data()), name.data.size());
  matrices.insert_or_assign(std::string(text), std::move(found));
  return {};
}

}  // namespace

bool is_mat_file(std::span<const std::byte> bytes) {
  constexpr std::string_view kStart = "MATLAB 5.0 MAT-file";
  return bytes.size() >= kHeaderBytes &&
         std::memcmp(bytes.data(), kStart.data(), kStart.size()) == 0;
}

Result<std::map<std::string, MatMatrix>> read_mat_file(std::span<const std::byte> bytes) {
  if (!is_mat_file(bytes)) return cut_short();
  constexpr std::uint16_t kLittleEndian = 0x4D49;
  if (number_at<std::uint16_t>(bytes, kHeaderBytes - 2) != kLittleEndian)
    return fail(ErrorCode::unsupported, "the MAT-file is big-endian");
  std::map<std::string, MatMatrix> matrices;
  std::size_t room = kMaxNumbers;
  Bytes rest = bytes.subspan(kHeaderBytes);
  while (!rest.empty()) {
    Element element = TRY(take_element(rest));
    std::vector<std::byte> content;
    if (element.type == compressed) {
      content = TRY(unpacked(element.data));
      Bytes inner = content;
      element = TRY(take_element(inner));
    }
    if (element.type == matrix) TRY(add_matrix(element.data, room, matrices));
  }
  return matrices;
}

}  // namespace retinue
