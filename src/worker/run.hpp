/// Analyses recorded sources from beginning to end, in this process.
#pragma once

#include <stop_token>

#include "base/result.hpp"
#include "worker/run_progress.hpp"
#include "worker/run_report.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

struct LoadedModels;
class ViewBoard;

/// What a run may be lent. Borrowed.
struct RunLoans {
  ViewBoard* view = nullptr;  ///< Shows what is measured; null where nobody looks.
  /// Those that the settings name, loaded; null: the run loads them.
  const LoadedModels* models = nullptr;
};

/// Models are checked first, then outputs opened, then sources read, one after the other. A source
/// that fails is said in the report and does not stop the others. After a requested stop, frames
/// that were read are finished and the outputs closed.
///
/// Failures: see RunFailure. Logs warnings; the caller logs the failure and what the report says.
tl::expected<RunReport, RunFailure> run_sources(const RunSettings& settings, RunProgress& progress,
                                                std::stop_token stop, const RunLoans& loans = {});

}  // namespace retinue
