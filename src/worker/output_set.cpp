#include "worker/output_set.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "sink/csv_sink.hpp"
#include "sink/jsonl_sink.hpp"
#include "sink/native_csv.hpp"
#include "sink/openface_csv.hpp"
#include "sink/video_sink.hpp"

namespace retinue {

namespace {

constexpr std::string_view kSourcePlace = "{source}";

bool is_per_source(const std::string& pattern) {
  return pattern.find(kSourcePlace) != std::string::npos;
}

struct Pattern {
  std::string option;
  std::string file;
};

std::vector<Pattern> patterns_of(const OutputSettings& outputs) {
  std::vector<Pattern> patterns;
  if (outputs.jsonl) patterns.push_back({"--jsonl", *outputs.jsonl});
  if (outputs.csv) patterns.push_back({"--csv", *outputs.csv});
  if (outputs.video) patterns.push_back({"--video", *outputs.video});
  return patterns;
}

/// The same for every spelling of one place. A URL or a missing file gives a path that no file has.
std::filesystem::path place_of(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
}

}  // namespace

std::string output_path(const std::string& pattern, const std::string& source) {
  std::string stem = std::filesystem::path(source).stem().string();
  // What a URL or a test source has in its name that a file name may not.
  std::replace_if(
      stem.begin(), stem.end(), [](char c) { return c == '/' || c == ':' || c == '@'; }, '_');
  std::string path = pattern;
  for (std::size_t at = path.find(kSourcePlace); at != std::string::npos;
       at = path.find(kSourcePlace, at + stem.size())) {
    path.replace(at, kSourcePlace.size(), stem);
  }
  return path;
}

Result<void> check_outputs(const OutputSettings& outputs, const std::vector<std::string>& sources) {
  if (outputs.video && *outputs.video == "-") {
    return fail(ErrorCode::invalid_argument,
                "writing a video to stdout: an MP4 file needs a file that can be seeked");
  }
  if (outputs.video && !is_per_source(*outputs.video) && sources.size() > 1) {
    return fail(ErrorCode::invalid_argument,
                "writing video '" + *outputs.video + "' for " + std::to_string(sources.size()) +
                    " sources: its name needs {source}, as in 'out/{source}.mp4'");
  }
  if (outputs.csv && outputs.csv_columns == CsvColumns::openface && !is_per_source(*outputs.csv) &&
      sources.size() > 1) {
    return fail(ErrorCode::invalid_argument,
                "writing CSV '" + *outputs.csv + "' for " + std::to_string(sources.size()) +
                    " sources: OpenFace's columns do not say the source; its name needs {source}, "
                    "as in 'out/{source}.csv'");
  }
  std::set<std::filesystem::path> inputs;
  for (const std::string& source : sources)
    inputs.insert(place_of(source));
  std::map<std::string, std::string> writers;  // Path, and what is written there.
  for (const Pattern& pattern : patterns_of(outputs)) {
    const bool per_source = is_per_source(pattern.file);
    const std::vector<std::string> whole_run = {""};
    for (const std::string& source : per_source ? sources : whole_run) {
      const std::string path = output_path(pattern.file, source);
      std::string what = pattern.option;
      if (per_source) what.append(" of '").append(source).append(1, '\'');
      const auto [found, is_new] = writers.emplace(path, what);
      if (!is_new) {
        std::string why = "writing '" + path + "' twice: ";
        why.append(found->second).append(" and ").append(what).append("; give each its own file");
        return fail(ErrorCode::invalid_argument, why);
      }
      if (inputs.contains(place_of(path))) {
        std::string why = "writing '" + path;
        why += "': it is a source of this run";
        return fail(ErrorCode::invalid_argument, why);
      }
    }
  }
  return {};
}

bool outputs_complete(const OutputSettings& outputs, const std::string& source) {
  const std::vector<Pattern> patterns = patterns_of(outputs);
  return !patterns.empty() && std::ranges::all_of(patterns, [&](const Pattern& pattern) {
    return is_complete(output_path(pattern.file, source));
  });
}

Result<OutputSet> OutputSet::create(const OutputSettings& settings, const TaskSet& tasks) {
  OutputSet set(settings, tasks);
  const auto add = [&set](Kind kind, const std::optional<std::string>& pattern) -> Result<void> {
    if (!pattern) return {};
    Output& output = set.outputs_.emplace_back(Output{kind, *pattern, nullptr});
    // A video's rate is known when its source is open.
    if (is_per_source(*pattern) || kind == Kind::video) return {};
    output.shared = std::make_unique<SourceOutputs::Shared>();
    output.shared->sink = TRY(set.open(kind, *pattern, nullptr));
    return {};
  };
  TRY(add(Kind::jsonl, settings.jsonl));
  TRY(add(Kind::csv, settings.csv));
  TRY(add(Kind::video, settings.video));
  return set;
}

bool OutputSet::has_shared() const {
  return std::ranges::any_of(outputs_,
                             [](const Output& output) { return output.shared != nullptr; });
}

Result<std::unique_ptr<ResultSink>> OutputSet::open(Kind kind, const std::string& path,
                                                    const StreamDescription* stream) const {
  switch (kind) {
    case Kind::jsonl:
      return JsonlSink::create(path);
    case Kind::csv:
      if (settings_.csv_columns == CsvColumns::openface)
        return CsvSink::create(path, openface_csv());
      return CsvSink::create(path,
                             native_csv({.tasks = tasks_, .landmarks = settings_.csv_landmarks}));
    case Kind::video: {
      VideoSettings video;
      if (stream->frames_per_s) video.file.frames_per_s = *stream->frames_per_s;
      return VideoSink::create(path, video);
    }
  }
  __builtin_unreachable();
}

Result<SourceOutputs> OutputSet::begin_source(const std::string& source,
                                              const StreamDescription& stream) const {
  SourceOutputs outputs;
  for (const Output& output : outputs_) {
    if (output.shared) {
      outputs.shared_.push_back(output.shared.get());
      continue;
    }
    std::unique_ptr<ResultSink> sink =
        TRY(open(output.kind, output_path(output.pattern, source), &stream));
    outputs.own_.push_back(std::move(sink));
  }
  return outputs;
}

Result<void> OutputSet::finish(Completion completion) {
  Result<void> first_failure;
  for (const Output& output : outputs_) {
    if (!output.shared || !output.shared->sink) continue;
    Result<void> done = std::exchange(output.shared->sink, nullptr)->finish(completion);
    if (!done && first_failure) first_failure = std::move(done);
  }
  return first_failure;
}

bool SourceOutputs::wants_preview() const {
  return std::ranges::any_of(own_, [](const auto& sink) { return sink->wants_preview(); });
}

bool SourceOutputs::wants_records() const {
  return !shared_.empty() ||
         std::ranges::any_of(own_, [](const auto& sink) { return !sink->wants_preview(); });
}

Result<void> SourceOutputs::write(const FrameResult& result, const Preview* preview) {
  TRY(write_record(result));
  // A sink of pictures gets what has none, too.
  for (const std::unique_ptr<ResultSink>& sink : own_) {
    if (sink->wants_preview()) TRY(sink->write(result, preview));
  }
  return {};
}

Result<void> SourceOutputs::write_record(const FrameResult& result) {
  // Sinks that draw are a source's own: the others never see their ink.
  for (Shared* shared : shared_) {
    const MutexLock lock(shared->mutex);
    TRY(shared->sink->write(result, nullptr));
  }
  for (const std::unique_ptr<ResultSink>& sink : own_) {
    if (!sink->wants_preview()) TRY(sink->write(result, nullptr));
  }
  return {};
}

Result<void> SourceOutputs::write_picture(const FrameResult& result, const Preview& preview) {
  for (const std::unique_ptr<ResultSink>& sink : own_) {
    if (sink->wants_preview()) TRY(sink->write(result, &preview));
  }
  return {};
}

Result<void> SourceOutputs::finish(Completion completion) {
  Result<void> first_failure;
  for (std::unique_ptr<ResultSink>& sink : own_) {
    Result<void> done = sink->finish(completion);
    if (!done && first_failure) first_failure = std::move(done);
  }
  own_.clear();
  return first_failure;
}

}  // namespace retinue
