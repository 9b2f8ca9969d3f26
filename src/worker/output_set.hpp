/// The outputs of a run: which files there are and which source goes where.
#pragma once

#include <memory>
#include <string>
#include <vector>

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
/// Errors  invalid_argument: several sources and a video without `{source}`; two outputs or two
/// sources
///         with the same file.
Result<void> check_outputs(const OutputSettings& outputs, const std::vector<std::string>& sources);

/// True when all outputs that `source` goes to are complete; false when there are none.
bool outputs_complete(const OutputSettings& outputs, const std::string& source);

/// Opens sinks for the whole run or for each source, as the names of the files say. Thread-bound.
class OutputSet {
 public:
  /// Opens the outputs that serve all sources.
  ///
  /// Errors  those of the sinks: no permission, no such folder …
  static Result<OutputSet> create(const OutputSettings& settings, const TaskSet& tasks);

  /// Opens the outputs of this source. Errors as create.
  Result<void> begin_source(const std::string& source, const StreamDescription& stream);

  bool wants_preview() const;

  /// Errors  those of the sinks' write.
  Result<void> write(const FrameResult& result, const Preview* preview);

  /// Closes the outputs of this source.
  Result<void> end_source(Completion completion);

  /// Closes all that is open; called last, also after errors.
  Result<void> finish(Completion completion);

 private:
  enum class Kind { jsonl, csv, video };
  struct Output {
    Kind kind;
    std::string pattern;
    bool per_source;
    std::unique_ptr<ResultSink> sink;  ///< Null between sources.
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
