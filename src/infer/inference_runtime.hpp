/// The ONNX Runtime library of this process.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace retinue {

/// What was found when ONNX Runtime was loaded.
struct InferenceRuntime {
  std::string library_path;
  std::string version;
  /// Execution providers compiled into it, e.g. "CPUExecutionProvider".
  std::vector<std::string> providers;
};

/// Loads ONNX Runtime the first time it is called (`dlopen`, never closed); later calls return the
/// same answer. The library is the one that the environment's `RETINUE_ONNXRUNTIME` names, and no
/// other; without that, the first found beside the program (`deps/onnxruntime/lib`, then
/// `../lib/retinue`), then the system's `libonnxruntime.so.1`. Thread-safe.
///
/// The library's reports of its use are turned off before it starts, for which the environment gets
/// `ORT_DISABLE_TELEMETRY`: call it before other threads change the environment.
///
/// Errors  not_found: no library; the message names the places.
///         unsupported: a library that is too old, or not ONNX Runtime at all.
Result<InferenceRuntime> load_inference_runtime();

}  // namespace retinue
