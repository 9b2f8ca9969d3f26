#include "telemetry/process_usage.hpp"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {
namespace {

TEST(ProcessUsage, CountsTheTimeOfWork) {
  const ProcessUsage before = process_usage();
  volatile std::size_t sum = 0;
  while (process_usage().cpu_s <= before.cpu_s)
    sum = sum + 1;
  EXPECT_GT(process_usage().cpu_s, before.cpu_s);
}

TEST(ProcessUsage, PeakMemoryGrowsWithWhatWasTouched) {
  constexpr std::size_t kBytes = std::size_t{64} << 20U;
  const ProcessUsage before = process_usage();
  const std::vector<std::byte> touched(kBytes, std::byte{1});
  const ProcessUsage after = process_usage();
  EXPECT_GT(before.peak_rss_bytes, 0);
  EXPECT_GE(after.peak_rss_bytes, static_cast<std::int64_t>(kBytes)) << touched.size();
}

}  // namespace
}  // namespace retinue
