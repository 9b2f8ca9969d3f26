/// How fast a run is, and how fast it could be.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "worker/run_progress.hpp"
#include "worker/run_report.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

/// What one frame cannot do without, measured alone.
struct CalibratedStage {
  std::string name;  ///< "decode", or the step that runs the model.
  double ms_per_call = 0;
  double calls_per_frame = 0;
};

struct BenchmarkReport {
  RunReport run;
  std::vector<CalibratedStage> calibration;
  unsigned cores = 0;
  double frames_per_s = 0;
  /// cores ÷ (decode + Σ calls × the session's own time): the pipeline's own work is overhead over
  /// it.
  double bound_frames_per_s = 0;
  double ratio = 0;            ///< The first over the second.
  double cpu_s_per_frame = 0;  ///< Of the run alone, without loading.
};

/// Calibrates, then runs `settings` with every source `repeat` times and no outputs. Calibration:
/// decoding alone on one thread (mean over the first source's frames), and each session on inputs
/// recorded from those frames, one copy a core at once (median of 200).
///
/// Failures as run_sources; usage: the first source gives no frame.
tl::expected<BenchmarkReport, RunFailure> run_benchmark(RunSettings settings, int repeat,
                                                        RunProgress& progress,
                                                        std::stop_token stop);

}  // namespace retinue
