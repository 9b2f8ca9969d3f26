#include "sink/output_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "sink/output_error.hpp"

namespace retinue {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} * 1024;

/// Waits until a descriptor that its owner made non-blocking (a shared terminal) takes bytes again.
void wait_writable(int fd) {
  pollfd ready{fd, POLLOUT, 0};
  ::poll(&ready, 1, -1);
}

/// Writes all of `bytes`. Returns 0 or the errno.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      wait_writable(fd);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

OutputFile::OutputFile(std::string path, UniqueFd fd, IncompleteMarker marker, bool buffered)
    : path_(std::move(path)), fd_(std::move(fd)), marker_(std::move(marker)), buffered_(buffered) {
  buffer_.reserve(kBufferBytes);
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  IncompleteMarker marker = TRY(IncompleteMarker::place(path));
  UniqueFd fd(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                          : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  struct stat status {};
  if (!fd.is_valid() || ::fstat(fd.get(), &status) != 0) {
    const int cause = errno;
    marker.withdraw();
    return tl::unexpected<Error>(output_error(path, cause));
  }
  return OutputFile(path, std::move(fd), std::move(marker), S_ISREG(status.st_mode));
}

Result<void> OutputFile::append(std::string_view record) {
  if (!buffered_) return write_out(record);
  buffer_ += record;
  return buffer_.size() < kBufferBytes ? Result<void>() : flush();
}

Result<void> OutputFile::flush() {
  Result<void> written = write_out(buffer_);
  buffer_.clear();
  return written;
}

Result<void> OutputFile::close(Completion completion) {
  if (failed_) {
    fd_ = UniqueFd();
    return {};
  }
  TRY(flush());
  // Not through UniqueFd: network file systems report a full disk here.
  if (::close(fd_.release()) != 0 && errno != EINTR) {
    return tl::unexpected<Error>(output_error(path_, errno));
  }
  return marker_.settle(completion);
}

Result<void> OutputFile::write_out(std::string_view bytes) {
  const int error_number = write_all(fd_.get(), bytes);
  if (error_number == 0) {
    written_bytes_ += static_cast<std::int64_t>(bytes.size());
    return {};
  }
  failed_ = true;
  if (marker_.exists()) {
    // Best effort: the error that matters is already known.
    static_cast<void>(::ftruncate(fd_.get(), written_bytes_));
  }
  return tl::unexpected<Error>(output_error(path_, error_number));
}

}  // namespace retinue
