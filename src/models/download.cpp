#include "models/download.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <mutex>
#include <system_error>

#include <curl/curl.h>

#include "base/unique_fd.hpp"

namespace retinue {
namespace {

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;

/// What the two callbacks share. Thread-bound: curl calls them from curl_easy_perform.
struct Transfer {
  const DownloadRequest& request;
  const PullOptions& options;
  CURL* easy = nullptr;
  int fd = -1;
  std::uint64_t received_bytes = 0;  ///< In the file.
  bool resumed = false;
  bool too_large = false;
  bool write_failed = false;
  bool stopped = false;
};

/// A server without ranges answers a resumed request with 200 and the whole file.
bool starts_over(const Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  return transfer.resumed && status == 200;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (starts_over(transfer)) {
    transfer.write_failed = ::ftruncate(transfer.fd, 0) != 0;
    transfer.received_bytes = 0;
    transfer.resumed = false;
  }
  transfer.too_large = transfer.received_bytes + size > transfer.request.size_bytes;
  std::size_t done = 0;
  while (done < size && !transfer.too_large && !transfer.write_failed) {
    const ssize_t written = ::write(transfer.fd, data + done, size - done);
    transfer.write_failed = written <= 0 && errno != EINTR;
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  transfer.received_bytes += done;
  return done;  // less than `size` ends the transfer
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.stopped = transfer.options.stop.stop_requested();
  if (transfer.options.progress) {
    transfer.options.progress({.address = transfer.request.address,
                               .received_bytes = transfer.received_bytes,
                               .total_bytes = transfer.request.size_bytes});
  }
  return transfer.stopped ? 1 : 0;
}

void set_options(Transfer& transfer, char* message) {
  CURL* easy = transfer.easy;
  const DownloadRequest& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_URL, request.address.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);  // other threads run
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT,
                   static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1000L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_timeout.count()));
  // Not RESUME_FROM: with it, curl itself refuses a server that answers with the whole file.
  if (transfer.resumed) {
    const std::string range = std::to_string(transfer.received_bytes) + "-";
    curl_easy_setopt(easy, CURLOPT_RANGE, range.c_str());  // curl copies it
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message);
}

Result<void> outcome(const Transfer& transfer, CURLcode code, const char* message) {
  const std::string what = "fetching '" + transfer.request.address + "': ";
  if (transfer.stopped) return fail(ErrorCode::timed_out, what + "stopped");
  if (transfer.too_large) {
    return fail(ErrorCode::corrupt_input, what + "the answer is larger than the " +
                                              std::to_string(transfer.request.size_bytes) +
                                              " bytes of the model");
  }
  if (transfer.write_failed) {
    return fail(ErrorCode::resource_exhausted,
                what + "cannot write '" + transfer.request.path.string() + "'");
  }
  if (code == CURLE_OK) return {};
  const std::string why = *message != '\0' ? message : curl_easy_strerror(code);
  return fail(code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::timed_out : ErrorCode::unavailable,
              what + why);
}

}  // namespace

Result<void> download(const DownloadRequest& request, const PullOptions& options) {
  static std::once_flag initialised;
  std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });

  const UniqueFd fd(::open(request.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  struct stat status {};
  if (!fd.is_valid() || ::fstat(fd.get(), &status) != 0) {
    return fail(ErrorCode::resource_exhausted,
                "cannot write '" + request.path.string() +
                    "': " + std::error_code(errno, std::generic_category()).message());
  }
  const Easy easy(curl_easy_init());
  if (easy == nullptr) return fail(ErrorCode::resource_exhausted, "libcurl has no memory");

  Transfer transfer{.request = request,
                    .options = options,
                    .easy = easy.get(),
                    .fd = fd.get(),
                    .received_bytes = static_cast<std::uint64_t>(status.st_size)};
  transfer.resumed = transfer.received_bytes > 0;
  std::array<char, CURL_ERROR_SIZE> message{};
  set_options(transfer, message.data());
  const CURLcode code = curl_easy_perform(easy.get());
  return outcome(transfer, code, message.data());
}

}  // namespace retinue
