#include "models/zip_archive.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace retinue {
namespace {

// PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 4.3.
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::size_t kCentralHeaderBytes = 46;
constexpr std::size_t kEndOfDirectoryBytes = 22;
constexpr std::size_t kMaxCommentBytes = 0xffff;
constexpr std::uint32_t kZip64 = 0xffffffff;
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint64_t kMaxMemberBytes = std::uint64_t{1} << 30;
/// Deflate packs at most 1032 to 1: a larger claim is false, and its memory is not asked for.
constexpr std::uint64_t kMaxRatio = 1032;

/// The caller has checked that it lies in the file.
template <typename T>
T number_at(std::span<const std::byte> bytes, std::size_t position) {
  T number{};
  std::memcpy(&number, bytes.data() + position, sizeof(T));
  return number;
}

/// True if the signature stands at `position`, with `size` bytes from there on.
bool has_record(std::span<const std::byte> bytes, std::uint64_t position, std::uint32_t signature,
                std::size_t size) {
  return position <= bytes.size() && bytes.size() - position >= size &&
         number_at<std::uint32_t>(bytes, position) == signature;
}

/// Where the end record stands: it is the last thing in the file but for a comment.
Result<std::size_t> find_end(std::span<const std::byte> bytes) {
  if (bytes.size() >= kEndOfDirectoryBytes) {
    const std::size_t last = bytes.size() - kEndOfDirectoryBytes;
    const std::size_t first = last - std::min(last, kMaxCommentBytes);
    for (std::size_t position = last + 1; position-- > first;) {
      if (has_record(bytes, position, kEndOfDirectory, kEndOfDirectoryBytes)) return position;
    }
  }
  return fail(ErrorCode::corrupt_input,
              "not a zip archive, or cut short: it has no directory at its end");
}

Result<std::vector<std::byte>> inflate_all(std::span<const std::byte> packed,
                                           const ZipMember& member) {
  if (member.size_bytes > (member.packed_bytes + 1) * kMaxRatio) {
    return fail(ErrorCode::corrupt_input,
                "the member '" + member.name + "' claims more bytes than it can hold");
  }
  std::vector<std::byte> content(member.size_bytes);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return fail(ErrorCode::resource_exhausted, "zlib cannot start");
  }
  // zlib reads the input through a pointer to non-const, and does not write there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int end = inflate(&stream, Z_FINISH);
  const bool whole = end == Z_STREAM_END && stream.total_out == content.size();
  inflateEnd(&stream);
  if (!whole) {
    return fail(ErrorCode::corrupt_input, "the member '" + member.name + "' does not unpack");
  }
  return content;
}

}  // namespace

bool is_zip(std::span<const std::byte> bytes) {
  return has_record(bytes, 0, kLocalHeader, kLocalHeaderBytes) ||
         has_record(bytes, 2, kLocalHeader, kLocalHeaderBytes);
}

Result<std::vector<ZipMember>> list_zip(std::span<const std::byte> bytes) {
  const std::size_t end = TRY(find_end(bytes));
  const auto count = number_at<std::uint16_t>(bytes, end + 10);
  const auto directory_bytes = number_at<std::uint32_t>(bytes, end + 12);
  const auto directory_offset = number_at<std::uint32_t>(bytes, end + 16);
  const bool several = number_at<std::uint16_t>(bytes, end + 4) != 0 ||
                       number_at<std::uint16_t>(bytes, end + 8) != count;
  if (several || directory_offset == kZip64) {
    return fail(ErrorCode::unsupported, "the zip archive has several volumes, or is a zip64");
  }
  if (directory_bytes > end || directory_offset > end - directory_bytes) {
    return fail(ErrorCode::corrupt_input, "the zip archive's directory lies outside the file");
  }
  // Offsets count from the archive's start, which bytes in front have moved.
  const std::size_t start = end - directory_bytes;
  const std::size_t moved = start - directory_offset;
  std::vector<ZipMember> members;
  std::size_t position = start;
  for (int i = 0; i < count; ++i) {
    if (!has_record(bytes.first(end), position, kCentralHeader, kCentralHeaderBytes)) {
      return fail(ErrorCode::corrupt_input, "the zip archive's directory is cut short");
    }
    const auto name_bytes = number_at<std::uint16_t>(bytes, position + 28);
    const std::size_t rest = std::size_t{name_bytes} +
                             number_at<std::uint16_t>(bytes, position + 30) +
                             number_at<std::uint16_t>(bytes, position + 32);
    if (end - position - kCentralHeaderBytes < rest) {
      return fail(ErrorCode::corrupt_input, "the zip archive's directory is cut short");
    }
    ZipMember member;
    const std::span<const std::byte> name =
        bytes.subspan(position + kCentralHeaderBytes, name_bytes);
    member.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
    member.method = number_at<std::uint16_t>(bytes, position + 10);
    member.crc32 = number_at<std::uint32_t>(bytes, position + 16);
    member.packed_bytes = number_at<std::uint32_t>(bytes, position + 20);
    member.size_bytes = number_at<std::uint32_t>(bytes, position + 24);
    member.header = moved + std::uint64_t{number_at<std::uint32_t>(bytes, position + 42)};
    members.push_back(std::move(member));
    position += kCentralHeaderBytes + rest;
  }
  return members;
}

Result<std::vector<std::byte>> read_zip_member(std::span<const std::byte> bytes,
                                               const ZipMember& member) {
  const std::string what = "the member '" + member.name + "' of the zip archive";
  if (!has_record(bytes, member.header, kLocalHeader, kLocalHeaderBytes)) {
    return fail(ErrorCode::corrupt_input, what + " is not where the directory says");
  }
  const bool encrypted = (number_at<std::uint16_t>(bytes, member.header + 6) & kEncrypted) != 0;
  if (encrypted || (member.method != kStored && member.method != kDeflated)) {
    return fail(ErrorCode::unsupported, what + " is encrypted, or packed by method " +
                                            std::to_string(member.method) +
                                            ": only stored (0) and deflated (8) members are read");
  }
  if (member.size_bytes > kMaxMemberBytes) {
    return fail(ErrorCode::unsupported, what + " has more than 1 GiB");
  }
  const std::uint64_t start = member.header + kLocalHeaderBytes +
                              number_at<std::uint16_t>(bytes, member.header + 26) +
                              number_at<std::uint16_t>(bytes, member.header + 28);
  if (start > bytes.size() || bytes.size() - start < member.packed_bytes) {
    return fail(ErrorCode::corrupt_input, what + " is cut short");
  }
  const std::span<const std::byte> packed = bytes.subspan(start, member.packed_bytes);
  std::vector<std::byte> content;
  if (member.method == kStored) {
    content.assign(packed.begin(), packed.end());
  } else {
    content = TRY(inflate_all(packed, member));
  }
  const uLong checksum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (content.size() != member.size_bytes || checksum != member.crc32) {
    return fail(ErrorCode::corrupt_input, what + " is damaged: its checksum is another");
  }
  return content;
}

}  // namespace retinue
