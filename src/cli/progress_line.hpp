/// The line on the terminal while a run goes on.
#pragma once

#include <thread>

#include "worker/run_progress.hpp"

namespace retinue {

/// Rewrites one line on stderr five times a second: source, frames, frames a second, time left.
/// Shows nothing where stderr is not a terminal. Clears the line at its end.
class ProgressLine {
 public:
  /// `progress` is borrowed.
  explicit ProgressLine(const RunProgress& progress);

 private:
  std::jthread thread_;
};

}  // namespace retinue
