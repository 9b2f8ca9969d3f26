/// One HTTP transfer into a file, resumable. Private to this module.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "models/model_store.hpp"

namespace retinue {

struct DownloadRequest {
  std::string address;           ///< http, https or file.
  std::filesystem::path path;    ///< Appended to when it is there; the folder must exist.
  std::uint64_t size_bytes = 0;  ///< Of the whole file: more is refused.
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds stall_timeout{20};
};

/// Fetches what `path` still lacks. A server that knows no ranges makes it start over.
///
/// Errors  unavailable: no answer, or an answer other than the file; `path` keeps what came.
///         timed_out: stalled, or stopped by `options.stop`.
///         corrupt_input: the answer is larger than `size_bytes`.
///         resource_exhausted: `path` cannot be written.
Result<void> download(const DownloadRequest& request, const PullOptions& options);

}  // namespace retinue
