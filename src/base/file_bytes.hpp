/// Whole files in memory, written so that no reader ever sees half of one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace retinue {

/// Errors  not_found: no such file. unavailable: it cannot be read.
Result<std::vector<std::byte>> read_file(const std::filesystem::path& path);

/// Writes beside `path` under a name of its own, then renames: safe against a crash and against
/// another process that writes the same file. Makes the folder.
///
/// Errors  resource_exhausted: it cannot be written; nothing is left behind.
Result<void> write_file_atomically(const std::filesystem::path& path,
                                   std::span<const std::byte> bytes);

}  // namespace retinue
