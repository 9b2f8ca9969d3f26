#include "source/host_lookup.hpp"

#include <netdb.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "source/ffmpeg_handles.hpp"

namespace retinue {

namespace {

/// Shared with the thread that looks up, which may outlive the call.
struct Lookup {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<int> answer;  ///< getaddrinfo's.
};

void look_up(const std::string& host, Lookup& lookup) {
  addrinfo* addresses = nullptr;
  const int rc = getaddrinfo(host.c_str(), nullptr, nullptr, &addresses);
  if (rc == 0) freeaddrinfo(addresses);
  const std::scoped_lock lock(lookup.mutex);
  lookup.answer = rc;
  lookup.changed.notify_all();
}

std::string host_of(const std::string& url) {
  std::array<char, 256> host{};
  av_url_split(nullptr, 0, nullptr, 0, host.data(), static_cast<int>(host.size()), nullptr, nullptr,
               0, url.c_str());
  return host.data();
}

bool goes_through_proxy(const std::string& url) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  return url.starts_with("http") && std::getenv("http_proxy") != nullptr;
}

}  // namespace

Result<void> look_up_host(const std::string& url, FfmpegInterrupt& interrupt) {
  if (goes_through_proxy(url)) return {};
  const std::string host = host_of(url);
  const auto lookup = std::make_shared<Lookup>();
  try {
    // The system cannot be interrupted in a look-up; the thread ends when it has its answer.
    std::thread([host, lookup] { look_up(host, *lookup); }).detach();
  } catch (const std::system_error&) {
    return {};  // No thread to be had: FFmpeg will find out.
  }
  std::unique_lock lock(lookup->mutex);
  while (!lookup->answer) {
    if (interrupt.interrupt_now())
      return fail(ErrorCode::unavailable, "looking up '" + host + "' was interrupted");
    lookup->changed.wait_for(lock, std::chrono::milliseconds(20));
  }
  const int rc = *lookup->answer;
  if (rc == 0) return {};
  return fail(rc == EAI_NONAME ? ErrorCode::not_found : ErrorCode::unavailable,
              "host '" + host + "' is not found: " + gai_strerror(rc));
}

}  // namespace retinue
