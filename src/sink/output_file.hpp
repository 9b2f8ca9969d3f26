/// A file, pipe or terminal that text records are written to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sink/completion.hpp"

namespace retinue {

/// Regular files are buffered; to anything else (pipe, terminal, device) every record goes at once,
/// because somebody may be waiting for it.
///
/// Records are never torn: after a failed write a regular file ends with the last whole record that
/// fitted. Thread-bound. Expects SIGPIPE to be ignored.
class OutputFile {
 public:
  /// Creates or truncates `path`; "-" is stdout. The file has its IncompleteMarker from here on.
  ///
  /// Errors  not_found: the folder does not exist. invalid_argument: no permission, or a folder.
  static Result<OutputFile> create(const std::string& path);

  /// Adds one whole record, line end included.
  ///
  /// Errors  resource_exhausted: disk full. unavailable: the reader closed the pipe.
  ///         After an error, only `close` may be called.
  Result<void> append(std::string_view record);

  /// Writes what is buffered. Errors as `append`.
  Result<void> flush();

  /// Writes what is buffered, closes, and settles the marker. After a failed write it closes,
  /// leaves the marker and reports nothing twice. Errors as `append`.
  Result<void> close(Completion completion);

 private:
  OutputFile(std::string path, UniqueFd fd, IncompleteMarker marker, bool buffered);

  Result<void> write_out(std::string_view bytes);

  std::string path_;
  UniqueFd fd_;
  IncompleteMarker marker_;
  bool buffered_;
  bool failed_ = false;
  std::string buffer_;
  std::int64_t written_bytes_ = 0;
};

}  // namespace retinue
