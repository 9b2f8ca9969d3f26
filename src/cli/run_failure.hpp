/// Failures of a run, for the user.
#pragma once

#include "cli/exit_code.hpp"
#include "worker/run_report.hpp"

namespace retinue {

/// Writes the failure's sentence to the log and returns its exit code.
ExitCode say(const RunFailure& failure);

}  // namespace retinue
