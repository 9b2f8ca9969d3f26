/// What this machine has to analyse with.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace retinue {

struct DeviceListing {
  unsigned cores = 0;
  std::string inference_library;  ///< Path.
  std::string inference_version;
  std::vector<std::string> providers;
  std::vector<std::string>
      decoders;  ///< Codecs that this build's FFmpeg decodes, of those in common use.
};

/// Errors  those of load_inference_runtime.
Result<DeviceListing> list_devices();

}  // namespace retinue
