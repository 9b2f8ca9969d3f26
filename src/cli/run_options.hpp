/// The options of `retinue run`, as typed, and their meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/log_options.hpp"
#include "worker/run_settings.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name is CLI11's.
namespace CLI {
class App;
}

namespace retinue {

struct RunOptions {
  std::vector<std::string> sources;
  std::string tasks = "faces,landmarks,blendshapes,head-pose,gaze";
  std::string device = "auto";
  std::vector<std::string> models;
  std::string action_units = "blendshapes";
  std::optional<int> detect_size;
  std::optional<int> detect_every;
  std::optional<std::uint32_t> max_faces;
  std::optional<std::uint32_t> max_persons;
  std::optional<float> min_score;
  bool no_smoothing = false;
  std::optional<std::string> frames;
  double fov_deg = 60;
  std::optional<std::string> intrinsics;
  bool as_sequence = false;
  bool sequential = false;
  bool live = false;
  bool lossless = false;
  std::optional<std::uint32_t> lanes;
  int decode_threads = 1;
  std::string queue = "auto";
  OutputSettings outputs;
  std::optional<std::string> anonymize;
  std::string csv_format = "native";
  bool view = false;
  std::optional<std::string> statistics_file;
  std::optional<std::string> trace_file;
  LogOptions log;
};

/// What is analysed and how: `bench` has these, too.
void add_analysis_options(CLI::App& command, RunOptions& options);

/// Where results go.
void add_output_options(CLI::App& command, RunOptions& options);

/// Errors  invalid_argument or unsupported: an option's value means nothing, or this build lacks
/// it. The
///         message names the option, the value and what would be accepted.
Result<RunSettings> run_settings(const RunOptions& options);

}  // namespace retinue
