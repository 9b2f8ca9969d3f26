#include "worker/device_listing.hpp"

#include <thread>

#include "decode/decoder_listing.hpp"
#include "infer/inference_runtime.hpp"

namespace retinue {

Result<DeviceListing> list_devices() {
  const InferenceRuntime runtime = TRY(load_inference_runtime());
  return DeviceListing{.cores = std::thread::hardware_concurrency(),
                       .inference_library = runtime.library_path,
                       .inference_version = runtime.version,
                       .providers = runtime.providers,
                       .decoders = available_decoders()};
}

}  // namespace retinue
