#include "infer/onnxruntime_api.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "infer/custom_operators.hpp"

namespace retinue {

namespace {

/// Files in `folder` that look like the library, the plainest name first.
std::vector<std::string> libraries_in(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  std::error_code ignored;  // A folder that is not there holds no library.
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("libonnxruntime.so")) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Libraries to try, in this order, and the places that are known to hold none.
struct Search {
  std::vector<std::string> libraries;
  std::string absent;
};

Search search_beside_program_and_in_system() {
  Search search;
  std::error_code error;
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    for (const char* folder : {"deps/onnxruntime/lib", "../lib/retinue"}) {
      const std::filesystem::path place = (program / folder).lexically_normal();
      const std::vector<std::string> found = libraries_in(place);
      search.libraries.insert(search.libraries.end(), found.begin(), found.end());
      if (found.empty()) search.absent += "no libonnxruntime.so in '" + place.string() + "'; ";
    }
  }
  search.libraries.emplace_back("libonnxruntime.so.1");
  return search;
}

void forward_log(void*, OrtLoggingLevel severity, const char*, const char*,
                 const char* code_location, const char* message) {
  const LogLevel level = severity >= ORT_LOGGING_LEVEL_ERROR ? LogLevel::warning : LogLevel::debug;
  if (log_enabled(level))
    log(level, std::string("onnx runtime: ") + message + " (" + code_location + ")");
}

Result<void*> open_library(std::string& path) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read once, before the first model is opened
  const char* chosen = std::getenv("RETINUE_ONNXRUNTIME");
  const bool is_chosen = chosen != nullptr && *chosen != '\0';
  const Search search = is_chosen ? Search{.libraries = {chosen}, .absent = {}}
                                  : search_beside_program_and_in_system();
  std::string tried = search.absent;
  for (const std::string& candidate : search.libraries) {
    void* library = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) {
      path = candidate;
      return library;
    }
    const char* reason = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
    tried.append(reason != nullptr ? reason : candidate).append("; ");
  }
  return fail(ErrorCode::not_found,
              (is_chosen ? "loading ONNX Runtime from RETINUE_ONNXRUNTIME: " + tried
                         : "loading ONNX Runtime: " + tried + "run ./dev setup, or ") +
                  "set RETINUE_ONNXRUNTIME to the path of libonnxruntime.so (version 1." +
                  std::to_string(ORT_API_VERSION) + " or later)");
}

/// Usage reports are none of our users' business. From 1.30 on, the library for Linux starts a
/// thread that sends them as soon as an environment is made; afterwards it is too late to ask.
void forbid_telemetry() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): once a process, before the first model is opened
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
}

Result<OnnxRuntime> load() {
  OnnxRuntime runtime;
  forbid_telemetry();
  void* library = TRY(open_library(runtime.description.library_path));
  const std::string quoted =
      "loading ONNX Runtime from '" + runtime.description.library_path + "': ";
  using GetApiBase = const OrtApiBase* (*)();
  // dlsym's void* is a function's address: POSIX guarantees the conversion.
  const auto get_api_base = reinterpret_cast<GetApiBase>(dlsym(library, "OrtGetApiBase"));
  if (get_api_base == nullptr) {
    return fail(ErrorCode::unsupported,
                quoted + "it has no OrtGetApiBase, so it is not ONNX Runtime");
  }
  runtime.description.version = get_api_base()->GetVersionString();
  runtime.api = get_api_base()->GetApi(ORT_API_VERSION);
  if (runtime.api == nullptr) {
    return fail(ErrorCode::unsupported, quoted + "found version " + runtime.description.version +
                                            ", need 1." + std::to_string(ORT_API_VERSION) +
                                            " or later");
  }
  TRY(check(*runtime.api,
            runtime.api->CreateEnvWithCustomLogger(forward_log, nullptr, ORT_LOGGING_LEVEL_WARNING,
                                                   "retinue", &runtime.environment),
            ErrorCode::internal, quoted + "creating its environment"));
  // For builds that do not know the variable.
  TRY(check(*runtime.api, runtime.api->DisableTelemetryEvents(runtime.environment),
            ErrorCode::internal, quoted + "turning its telemetry off"));
  runtime.operators = TRY(create_custom_operators(*runtime.api));
  char** names = nullptr;
  int count = 0;
  TRY(check(*runtime.api, runtime.api->GetAvailableProviders(&names, &count), ErrorCode::internal,
            quoted + "listing its providers"));
  runtime.description.providers.assign(names, names + count);
  TRY(check(*runtime.api, runtime.api->ReleaseAvailableProviders(names, count), ErrorCode::internal,
            quoted + "listing its providers"));
  return runtime;
}

}  // namespace

Result<const OnnxRuntime*> onnx_runtime() {
  // Never destroyed: threads that run sessions may outlive main().
  static const auto* const runtime = new Result<OnnxRuntime>(load());
  if (!*runtime) return tl::unexpected<Error>(runtime->error());
  return &**runtime;
}

Result<void> check(const OrtApi& api, OrtStatus* status, ErrorCode code, const std::string& doing) {
  if (status == nullptr) return {};
  std::string message = doing + ": " + api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  return fail(code, std::move(message));
}

Result<void> check(const OrtApi& api, OrtStatus* status, ErrorCode code, const char* doing) {
  if (status == nullptr) return {};
  return check(api, status, code, std::string(doing));
}

Result<InferenceRuntime> load_inference_runtime() {
  const OnnxRuntime* runtime = TRY(onnx_runtime());
  return runtime->description;
}

}  // namespace retinue
