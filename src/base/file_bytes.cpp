#include "base/file_bytes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/unique_fd.hpp"

namespace retinue {
namespace {

std::string last_error() {
  return std::error_code(errno, std::generic_category()).message();
}

Result<void> write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(ErrorCode::resource_exhausted, last_error());
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_valid()) {
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                "cannot read '" + path.string() + "': " + last_error());
  }
  constexpr std::size_t kChunk = std::size_t{1} << 20;
  std::vector<std::byte> bytes;
  for (;;) {
    const std::size_t start = bytes.size();
    bytes.resize(start + kChunk);
    const ssize_t count = ::read(fd.get(), bytes.data() + start, kChunk);
    if (count < 0 && errno != EINTR) {
      return fail(ErrorCode::unavailable, "cannot read '" + path.string() + "': " + last_error());
    }
    bytes.resize(start + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) return bytes;
  }
}

Result<void> write_file_atomically(const std::filesystem::path& path,
                                   std::span<const std::byte> bytes) {
  const auto failed = [&](const std::string& why) {
    return fail(ErrorCode::resource_exhausted, "cannot write '" + path.string() + "': " + why);
  };
  std::error_code made;
  std::filesystem::create_directories(path.parent_path(), made);
  if (made) return failed(made.message());

  std::string temporary = path.string() + ".XXXXXX";
  const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.is_valid()) return failed(last_error());
  const Result<void> written = write_all(fd.get(), bytes);
  if (!written) {
    ::unlink(temporary.c_str());
    return failed(written.error().message());
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string why = last_error();
    ::unlink(temporary.c_str());
    return failed(why);
  }
  return {};
}

}  // namespace retinue
