/// What one frame cannot do without, measured alone: what a run is compared with.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "task/task_list.hpp"
#include "worker/model_loading.hpp"
#include "worker/run_report.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

struct CalibratedStage {
  std::string name;  ///< "decode", or the step that runs the model.
  double ms_per_call = 0;
  double calls_per_frame = 0;
};

/// The first source, and what its frames show the sessions. Thread-bound.
class Calibration {
 public:
  /// Analyses frames of the first source, the first 300 and then on until every session was asked,
  /// and keeps up to 32 inputs of each session. A session that no frame asks is not calibrated.
  ///
  /// `settings` and `models` are borrowed.
  ///
  /// Failures  usage: the first source gives no frame; model: no plan for these models; device.
  static tl::expected<Calibration, RunFailure> create(const RunSettings& settings,
                                                      const LoadedModels& models,
                                                      std::stop_token stop);

  Calibration(Calibration&&) noexcept;
  Calibration& operator=(Calibration&&) noexcept;
  Calibration(const Calibration&) = delete;
  Calibration& operator=(const Calibration&) = delete;
  ~Calibration();

  /// Decoding alone on one thread: the mean over the source's first 300 frames. Each session on its
  /// recorded inputs, one copy a core at once: the median of 200 runs a core. In the order in which
  /// a frame meets them; `calls_per_frame` is 1 for decoding and 0, not known, for the others.
  ///
  /// Failures  usage: the source gives no frame any more; model: a session does not run.
  tl::expected<std::vector<CalibratedStage>, RunFailure> measure() const;

 private:
  struct Recorded;

  explicit Calibration(std::unique_ptr<Recorded> recorded);

  std::unique_ptr<Recorded> recorded_;
};

/// Of values in any order; the mean of the middle two where there is no middle one. Not of none.
double median(std::vector<double> values);

}  // namespace retinue
