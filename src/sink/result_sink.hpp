/// Where results go.
#pragma once

#include "base/result.hpp"
#include "frame/preview.hpp"
#include "perception/frame_result.hpp"
#include "sink/completion.hpp"

namespace retinue {

/// Receives the results of its sources, source by source, in presentation order. Thread-bound: one
/// call at a time, in order; not necessarily from one thread.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  ResultSink() = default;
  ResultSink(const ResultSink&) = delete;
  ResultSink& operator=(const ResultSink&) = delete;
  ResultSink(ResultSink&&) = delete;
  ResultSink& operator=(ResultSink&&) = delete;

  /// Asked once: whether `write` wants the picture. Making one costs more than most models.
  virtual bool wants_preview() const { return false; }

  /// `preview` is null unless wanted, and for results without a frame; the sink may draw into it,
  /// and borrows both for the call only.
  ///
  /// Errors  resource_exhausted or unavailable: the output cannot be written (disk full, closed
  /// pipe). The sink is not used again except for `finish`.
  virtual Result<void> write(const FrameResult& result, const Preview* preview) = 0;

  /// Closes the output so that it is valid, after errors too. Called exactly once, last.
  /// `complete` says that every source of this output was read to its end; else `is_complete` stays
  /// false for the output.
  ///
  /// Errors  as `write`, for what was still buffered; an error that `write` gave is not repeated.
  virtual Result<void> finish(Completion completion) = 0;
};

}  // namespace retinue
