#include "sink/completion.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/unique_fd.hpp"
#include "sink/output_error.hpp"

namespace retinue {

namespace {

std::string marker_path(const std::string& output) {
  return output + ".incomplete";
}

/// Names of open descriptors look like regular files when the shell redirected them to one.
bool names_descriptor(const std::string& output) {
  return output == "-" || output.starts_with("/dev/std") || output.starts_with("/dev/fd/") ||
         output.starts_with("/proc/self/fd/");
}

}  // namespace

Result<IncompleteMarker> IncompleteMarker::place(const std::string& output) {
  if (names_descriptor(output)) return IncompleteMarker("", false);
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(output, ignored);
  const bool output_exists = std::filesystem::exists(status);
  if (std::filesystem::is_directory(status)) {
    return tl::unexpected<Error>(output_error(output, EISDIR));
  }
  if (output_exists && !std::filesystem::is_regular_file(status)) {
    return IncompleteMarker("", false);
  }
  const std::string path = marker_path(output);
  const bool is_new = ::access(path.c_str(), F_OK) != 0;
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!fd.is_valid()) {
    const int cause = errno;
    // When the output itself is new, it would fail for the same reason.
    Error error = output_error(output_exists ? path : output, cause);
    if (!output_exists) return tl::unexpected<Error>(std::move(error));
    return tl::unexpected<Error>(
        std::move(error).with_context("writing " + quoted_output(output) + " and its marker"));
  }
  return IncompleteMarker(path, is_new);
}

void IncompleteMarker::withdraw() const {
  if (is_new_) ::unlink(path_.c_str());
}

Result<void> IncompleteMarker::settle(Completion completion) const {
  if (!exists() || completion != Completion::complete) return {};
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) {
    return tl::unexpected<Error>(output_error(path_, errno));
  }
  return {};
}

bool is_complete(const std::string& output) {
  std::error_code ignored;
  return std::filesystem::exists(output, ignored) &&
         !std::filesystem::exists(marker_path(output), ignored);
}

}  // namespace retinue
