#include "cli/run_failure.hpp"

#include "base/log.hpp"

namespace retinue {

ExitCode say(const RunFailure& failure) {
  log(LogLevel::error, failure.error.message());
  switch (failure.cause) {
    case RunFailure::Cause::usage:
      return ExitCode::wrong_usage;
    case RunFailure::Cause::model:
      return ExitCode::model_invalid;
    case RunFailure::Cause::device:
      return ExitCode::device_unavailable;
    case RunFailure::Cause::output:
      return ExitCode::output_failed;
  }
  __builtin_unreachable();
}

}  // namespace retinue
