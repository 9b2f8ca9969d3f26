#include "source/host_lookup.hpp"

#include <netdb.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "source/ffmpeg_handles.hpp"

namespace retinue {

namespace {

struct Lookup {
  Lookup() = default;
  ~Lookup() {
    if (request.ar_result != nullptr) freeaddrinfo(request.ar_result);
  }
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  Lookup(Lookup&&) = delete;
  Lookup& operator=(Lookup&&) = delete;

  std::array<char, 256> host{};
  gaicb request{};
};

bool goes_through_proxy(const std::string& url) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  return url.starts_with("http") && std::getenv("http_proxy") != nullptr;
}

}  // namespace

Result<void> look_up_host(const std::string& url, FfmpegInterrupt& interrupt) {
  if (goes_through_proxy(url)) return {};
  auto lookup = std::make_unique<Lookup>();
  av_url_split(nullptr, 0, nullptr, 0, lookup->host.data(), static_cast<int>(lookup->host.size()),
               nullptr, nullptr, 0, url.c_str());
  const std::string host = lookup->host.data();
  lookup->request.ar_name = lookup->host.data();
  gaicb* request = &lookup->request;
  if (getaddrinfo_a(GAI_NOWAIT, &request, 1, nullptr) != 0) return {};  // FFmpeg will find out.

  while (gai_error(request) == EAI_INPROGRESS) {
    if (interrupt.interrupt_now()) {
      // A request that has begun cannot be taken back: the C library writes to it until it ends.
      if (gai_cancel(request) == EAI_NOTCANCELED) static_cast<void>(lookup.release());
      return fail(ErrorCode::unavailable, "looking up '" + host + "' was interrupted");
    }
    const timespec slice{.tv_sec = 0, .tv_nsec = 20'000'000};
    gai_suspend(&request, 1, &slice);
  }
  const int rc = gai_error(request);
  if (rc == 0) return {};
  return fail(rc == EAI_NONAME ? ErrorCode::not_found : ErrorCode::unavailable,
              "host '" + host + "' is not found: " + gai_strerror(rc));
}

}  // namespace retinue
