/// The outputs of a run: which files there are and which source goes where.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "frame/packet.hpp"
#include "perception/frame_result.hpp"
#include "perception/task_set.hpp"
#include "sink/result_sink.hpp"
#include "worker/run_settings.hpp"

namespace retinue {

/// `pattern` with every `{source}` replaced by the stem of `source` ("walk" for "clips/walk.mp4").
std::string output_path(const std::string& pattern, const std::string& source);

/// Checks that no two outputs or sources meet in one file, before anything is written.
///
/// Errors  invalid_argument: several sources and a video or a CSV with OpenFace's columns without
///         `{source}`; two outputs or two
/// sources
///         with the same file.
Result<void> check_outputs(const OutputSettings& outputs, const std::vector<std::string>& sources);

/// True when all outputs that `source` goes to are complete; false when there are none.
bool outputs_complete(const OutputSettings& outputs, const std::string& source);

/// The outputs of one source, while it is read. Thread-bound, but for sinks that it shares.
class SourceOutputs {
 public:
  bool wants_preview() const;

  /// Errors  those of the sinks' write.
  Result<void> write(const FrameResult& result, const Preview* preview);

  // Where records are held back and pictures are not: `write` in two parts. Errors likewise.

  Result<void> write_record(const FrameResult& result);
  Result<void> write_picture(const FrameResult& result, const Preview& preview);

  /// Some output gets records.
  bool wants_records() const;

  /// Closes what is this source's alone. Called last, also after errors.
  Result<void> finish(Completion completion);

 private:
  friend class OutputSet;
  /// A sink that serves all sources.
  struct Shared {
    Mutex mutex;
    std::unique_ptr<ResultSink> sink;
  };
  std::vector<Shared*> shared_;
  std::vector<std::unique_ptr<ResultSink>> own_;
};

/// Opens sinks for the whole run or for each source, as the names of the files say. Outlives the
/// SourceOutputs that it gives. begin_source is thread-safe.
class OutputSet {
 public:
  /// Opens the outputs that serve all sources.
  ///
  /// Errors  those of the sinks: no permission, no such folder …
  static Result<OutputSet> create(const OutputSettings& settings, const TaskSet& tasks);

  /// Some output gets the results of all sources.
  bool has_shared() const;

  /// Opens the outputs of this source. Errors as create.
  Result<SourceOutputs> begin_source(const std::string& source,
                                     const StreamDescription& stream) const;

  /// Closes all that is open; called last, also after errors.
  Result<void> finish(Completion completion);

 private:
  enum class Kind { jsonl, csv, video };
  struct Output {
    Kind kind;
    std::string pattern;
    std::unique_ptr<SourceOutputs::Shared> shared;  ///< Null where each source has its own.
  };

  OutputSet(OutputSettings settings, const TaskSet& tasks)
      : settings_(std::move(settings)), tasks_(tasks) {}

  Result<std::unique_ptr<ResultSink>> open(Kind kind, const std::string& path,
                                           const StreamDescription* stream) const;

  OutputSettings settings_;
  TaskSet tasks_;
  std::vector<Output> outputs_;
};

}  // namespace retinue
