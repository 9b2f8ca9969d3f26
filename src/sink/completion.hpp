/// Knowing afterwards whether an output holds everything: what `--skip-existing` asks.
#pragma once

#include <string>

#include "base/result.hpp"

namespace retinue {

/// `partial`: a source failed, or the run was stopped before its end.
enum class Completion { partial, complete };

/// The file `<output>.incomplete`, which stands beside an output from before its first byte until
/// it is known to be complete. It outlives crashes and `kill -9`, which is its purpose.
///
/// Only regular files have one: stdout, pipes and devices keep nothing that could be skipped.
class IncompleteMarker {
 public:
  /// Errors  not_found: the output's folder does not exist.
  ///         invalid_argument: no permission, or `output` is a folder.
  static Result<IncompleteMarker> place(const std::string& output);

  /// Whether `output` is a regular file, or a new one.
  bool exists() const { return !path_.empty(); }

  /// For an output that was never begun: as if `place` had not been called.
  void withdraw() const;

  /// Removes the marker of a closed output that is complete; leaves it otherwise.
  Result<void> settle(Completion completion) const;

 private:
  IncompleteMarker(std::string path, bool is_new) : path_(std::move(path)), is_new_(is_new) {}

  std::string path_;
  bool is_new_;  ///< Not left by an earlier run.
};

/// True when `output` exists and no interrupted run left its marker there.
bool is_complete(const std::string& output);

}  // namespace retinue
