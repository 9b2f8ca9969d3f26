/// What this process has used so far.
#pragma once

#include <cstdint>

namespace retinue {

struct ProcessUsage {
  double cpu_s = 0;  ///< User and system time of all threads.
  std::int64_t peak_rss_bytes = 0;
};

ProcessUsage process_usage();

}  // namespace retinue
