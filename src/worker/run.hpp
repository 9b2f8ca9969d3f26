/// Analyses recorded sources from beginning to end, in this process.
#pragma once

#include <stop_token>

#include "base/result.hpp"
#include "worker/run_progress.hpp"
#include "worker/run_report.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

class ViewBoard;

/// Models are checked first, then outputs opened, then sources read, one after the other. A source
/// that fails is said in the report and does not stop the others. After a requested stop, frames
/// that were read are finished and the outputs closed.
///
/// `view`: shows what is measured; borrowed, null where nobody looks.
///
/// Failures: see RunFailure. Logs warnings; the caller logs the failure and what the report says.
tl::expected<RunReport, RunFailure> run_sources(const RunSettings& settings, RunProgress& progress,
                                                std::stop_token stop, ViewBoard* view = nullptr);

}  // namespace retinue
