/// A run in a window.
#pragma once

#include <stop_token>

#include "worker/run.hpp"

namespace retinue {

/// As run_sources, with a window on what is measured. The window belongs to the calling thread,
/// which must be the process' main thread; the run goes on in another. Whoever closes the window
/// requests a stop.
///
/// Failures: as run_sources; cause output, before any work: there is no display.
tl::expected<RunReport, RunFailure> run_sources_in_window(const RunSettings& settings,
                                                          RunProgress& progress,
                                                          const std::stop_token& stop);

}  // namespace retinue
