/// Reading the members of a zip archive. Private to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace retinue {

struct ZipMember {
  std::string name;
  std::uint32_t crc32 = 0;         ///< Of the content.
  std::uint64_t packed_bytes = 0;  ///< In the archive.
  std::uint64_t size_bytes = 0;    ///< Of the content.
  std::uint64_t header = 0;        ///< Where its local header starts in the file.
  std::uint16_t method = 0;        ///< 0: stored, 8: deflated; nothing else is read.
};

/// True if the bytes start like an archive, at most two bytes in front left aside: MediaPipe's
/// bundles have them.
bool is_zip(std::span<const std::byte> bytes);

/// The archive's list of members. Bytes in front of the archive are allowed.
///
/// Errors  corrupt_input: no archive, or cut short. unsupported: several volumes, or a zip64.
Result<std::vector<ZipMember>> list_zip(std::span<const std::byte> bytes);

/// A member's content, compared with its checksum.
///
/// Errors  corrupt_input: it does not lie in the file, does not unpack, or has another checksum.
///         unsupported: encrypted, packed in another way, or more than 1 GiB.
Result<std::vector<std::byte>> read_zip_member(std::span<const std::byte> bytes,
                                               const ZipMember& member);

}  // namespace retinue
