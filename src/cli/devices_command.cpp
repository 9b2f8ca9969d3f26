#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "cli/command.hpp"
#include "cli/log_options.hpp"
#include "worker/device_listing.hpp"

namespace retinue {

namespace {

struct DevicesOptions {
  bool json = false;
  LogOptions log;
};

ExitCode devices(const DevicesOptions& options) {
  configure_log(options.log.settings());
  const Result<DeviceListing> listing = list_devices();
  if (!listing) {
    log(LogLevel::error, listing.error().message());
    return ExitCode::device_unavailable;
  }
  if (options.json) {
    const nlohmann::ordered_json json{
        {"cores", listing->cores},
        {"onnxruntime",
         {{"library", listing->inference_library}, {"version", listing->inference_version}}},
        {"providers", listing->providers},
        {"decoders", listing->decoders}};
    fmt::print("{}\n", json.dump(2));
    return ExitCode::done;
  }
  fmt::print("cores         {}\n", listing->cores);
  fmt::print("ONNX Runtime  {} ({})\n", listing->inference_version, listing->inference_library);
  fmt::print("providers     {}\n", fmt::join(listing->providers, ", "));
  fmt::print("used          CPUExecutionProvider: the one that this build runs models on\n");
  fmt::print("decoders      {}\n", fmt::join(listing->decoders, ", "));
  return ExitCode::done;
}

}  // namespace

void add_devices_command(CLI::App& program, CommandAction& action) {
  CLI::App* command =
      program.add_subcommand("devices", "What this machine has: cores, ONNX Runtime, decoders");
  const auto options = std::make_shared<DevicesOptions>();
  command->add_flag("--json", options->json, "as one JSON object");
  options->log.add_to(*command);
  command->callback([&action, options] { action = [options] { return devices(*options); }; });
}

}  // namespace retinue
