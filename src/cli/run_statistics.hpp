/// A run's closing statistics for people and for programs.
#pragma once

#include <string>

#include "worker/run_report.hpp"

namespace retinue {

/// A few lines for the terminal.
std::string statistics_text(const RunReport& report);

/// One JSON object: versions, options, sha256 of each model, sources, stages, latency.
std::string statistics_json(const RunReport& report);

}  // namespace retinue
