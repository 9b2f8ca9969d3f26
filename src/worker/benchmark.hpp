/// How fast a run is, and how fast it could be.
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.hpp"
#include "worker/calibration.hpp"
#include "worker/run_progress.hpp"
#include "worker/run_report.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

struct BenchmarkSettings {
  int repeat = 1;  ///< Every source is run this many times in a round.
  /// Calibrations and runs in turn: on a machine that others use, a calibration and a run that lie
  /// far apart in time are not of one machine.
  int rounds = 1;
};

/// Times, rates and shares are medians over the rounds.
struct BenchmarkReport {
  RunReport run;  ///< The last round's; its stages' times and latencies are medians.
  std::vector<CalibratedStage> calibration;
  unsigned cores = 0;
  int rounds = 0;  ///< That were measured to their end.
  double frames_per_s = 0;
  /// cores ÷ (decode + Σ calls × the session's own time): the pipeline's own work is overhead over
  /// it.
  double bound_frames_per_s = 0;
  double ratio = 0;            ///< The first over the second, of each round.
  double least_ratio = 0;      ///< Of all rounds.
  double greatest_ratio = 0;   ///< Of all rounds.
  double cpu_s_per_frame = 0;  ///< Of the run alone, without loading.
};

/// Loads the models once, then calibrates (Calibration) and runs `settings` without outputs, round
/// by round. A requested stop ends the last round early; what it measured counts only when it is
/// the first.
///
/// Failures as run_sources; usage: the first source gives no frame.
tl::expected<BenchmarkReport, RunFailure> run_benchmark(RunSettings settings,
                                                        const BenchmarkSettings& benchmark,
                                                        RunProgress& progress,
                                                        std::stop_token stop);

}  // namespace retinue
