/// What the program's exit status means.
#pragma once

namespace retinue {

enum class ExitCode {
  done = 0,
  source_failed = 1,  ///< One or more sources failed; the others' results are complete.
  wrong_usage = 2,
  model_invalid = 3,  ///< Missing or invalid.
  device_unavailable = 4,
  output_failed = 5,  ///< An output could not be written.
  interrupted = 130,  ///< SIGINT: 128 + 2; or the window was closed before the end.
  terminated = 143,   ///< SIGTERM: 128 + 15.
};

}  // namespace retinue
