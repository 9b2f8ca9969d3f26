#include "telemetry/process_usage.hpp"

#include <sys/resource.h>

namespace retinue {

ProcessUsage process_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return {.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime),
          .peak_rss_bytes = std::int64_t{usage.ru_maxrss} * 1024};  // Linux counts in KiB.
}

}  // namespace retinue
