/// A recording's records, held back until OpenFace's second pass has corrected their action units.
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "face/openface_history.hpp"
#include "face/openface_predictors.hpp"
#include "perception/frame_result.hpp"
#include "worker/output_set.hpp"
#include "worker/record_spool.hpp"

namespace retinue {

/// Of one source. In memory it has 144 bytes a face and frame (OpenFaceHistory), the rest waits on
/// the disk (RecordSpool). Thread-bound.
class SecondPass {
 public:
  /// Errors  those of RecordSpool::create.
  static Result<SecondPass> create();

  /// What is estimated of the next frame belongs here. Called for every frame, in order.
  OpenFaceHistory& begin_frame() {
    history_.begin_frame();
    return history_;
  }

  /// Keeps a record; those with a frame in the order of `begin_frame`. Errors as
  /// RecordSpool::append.
  Result<void> hold(const FrameResult& result) { return spool_.append(result); }

  /// Corrects and writes all records, in their order. Called once, last. Returns how many.
  ///
  /// Errors  those of the spool and the sinks.
  Result<std::int64_t> write(const OpenFacePredictors& predictors, SourceOutputs& outputs);

 private:
  explicit SecondPass(RecordSpool spool) : spool_(std::move(spool)) {}

  OpenFaceHistory history_;
  RecordSpool spool_;
};

}  // namespace retinue
