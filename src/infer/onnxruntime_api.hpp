/// ONNX Runtime's C API, found at run time. Private to this module.
#pragma once

#include <onnxruntime_c_api.h>

#include <string>

#include "base/result.hpp"
#include "infer/inference_runtime.hpp"

namespace retinue {

/// Everything that lives as long as the process.
struct OnnxRuntime {
  const OrtApi* api = nullptr;
  OrtEnv* environment = nullptr;
  OrtCustomOpDomain* operators = nullptr;  ///< See custom_operators.hpp.
  InferenceRuntime description;
};

/// The one library and environment of the process. Errors as load_inference_runtime. Thread-safe.
Result<const OnnxRuntime*> onnx_runtime();

/// Takes ownership of `status`; null is success.
Result<void> check(const OrtApi& api, OrtStatus* status, ErrorCode code, const std::string& doing);
/// Makes no string of success, for calls on every run.
Result<void> check(const OrtApi& api, OrtStatus* status, ErrorCode code, const char* doing);

/// Deletes what the C API hands out.
template <typename T, void (*OrtApi::*release)(T*)>
struct OrtRelease {
  const OrtApi* api = nullptr;
  void operator()(T* object) const { (api->*release)(object); }
};

}  // namespace retinue
