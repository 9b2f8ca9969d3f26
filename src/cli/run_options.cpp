#include "cli/run_options.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/action_unit_options.hpp"
#include "models/model_task.hpp"

namespace retinue {

namespace {

/// The whole of `text` as a number, or nothing.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

tl::unexpected<Error> wrong(std::string_view option, std::string_view value,
                            std::string_view accepted) {
  return fail(ErrorCode::invalid_argument,
              std::string(option).append(" '").append(value).append("': ").append(accepted));
}

Result<FrameRange> parse_frames(std::string_view text) {
  constexpr std::string_view kAccepted = "expected A:B with A < B, or A: or :B, counted from 0";
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return wrong("--frames", text, kAccepted);
  const std::string_view first = text.substr(0, colon);
  const std::string_view end = text.substr(colon + 1);
  FrameRange range;
  if (!first.empty()) {
    const std::optional<std::uint64_t> number = parse_number<std::uint64_t>(first);
    if (!number) return wrong("--frames", text, kAccepted);
    range.first = *number;
  }
  if (!end.empty()) {
    range.end = parse_number<std::uint64_t>(end);
    if (!range.end) return wrong("--frames", text, kAccepted);
  }
  if (range.end && *range.end <= range.first) return wrong("--frames", text, kAccepted);
  return range;
}

Result<PinholeCamera<FramePx>> parse_intrinsics(std::string_view text) {
  constexpr std::string_view kAccepted = "expected fx,fy,cx,cy in pixels, with fx and fy above 0";
  std::array<double, 4> values{};
  std::string_view rest = text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t comma = i + 1 < values.size() ? rest.find(',') : rest.size();
    if (comma == std::string_view::npos) return wrong("--intrinsics", text, kAccepted);
    const std::optional<double> value = parse_number<double>(rest.substr(0, comma));
    if (!value || !std::isfinite(*value)) return wrong("--intrinsics", text, kAccepted);
    values[i] = *value;
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  if (values[0] <= 0 || values[1] <= 0) return wrong("--intrinsics", text, kAccepted);
  return PinholeCamera<FramePx>{values[0], values[1], values[2], values[3]};
}

Result<std::pair<ModelTask, std::filesystem::path>> parse_model(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return wrong("--model", text, "expected TASK=FILE, as in faces=my_yunet.onnx");
  }
  std::string name = text.substr(0, equals);
  if (name == "person") name = "persons";  // Detectors are called by what they find.
  Result<ModelTask> task = parse_model_task(name);
  if (!task)
    return tl::unexpected<Error>(std::move(task).error().with_context("--model '" + text + "'"));
  return std::pair(*task, std::filesystem::path(text.substr(equals + 1)));
}

Result<void> check_device(const RunOptions& options) {
  if (options.device == "auto" || options.device == "cpu") return {};
  return fail(ErrorCode::unsupported,
              "--device '" + options.device + "' is not in this build, which has cpu (and auto)");
}

Result<void> check_ranges(const RunOptions& options) {
  if (options.detect_size && (*options.detect_size < 32 || *options.detect_size > 8192)) {
    return wrong("--detect-size", std::to_string(*options.detect_size),
                 "expected 32 to 8192 pixels");
  }
  if (options.detect_every && (*options.detect_every < 1 || *options.detect_every > 10'000)) {
    return wrong("--detect-every", std::to_string(*options.detect_every),
                 "expected 1 to 10000 frames");
  }
  if (options.min_score && !(*options.min_score >= 0 && *options.min_score <= 1)) {
    return wrong("--min-score", std::to_string(*options.min_score), "expected 0 to 1");
  }
  if (!(options.fov_deg > 0 && options.fov_deg < 180)) {
    return wrong("--fov", std::to_string(options.fov_deg),
                 "expected more than 0 and less than 180 degrees");
  }
  if (options.lanes && (*options.lanes == 0 || *options.lanes > 256)) {
    return wrong("--lanes", std::to_string(*options.lanes), "expected 1 to 256");
  }
  if (options.decode_threads < 1 || options.decode_threads > 64) {
    return wrong("--decode-threads", std::to_string(options.decode_threads), "expected 1 to 64");
  }
  return {};
}

Result<std::optional<std::size_t>> parse_queue(const std::string& text) {
  if (text == "auto") return std::nullopt;
  const std::optional<std::size_t> frames = parse_number<std::size_t>(text);
  if (!frames || *frames == 0 || *frames > 1000)
    return wrong("--queue", text, "expected auto or 1 to 1000 frames");
  return frames;
}

Result<CsvColumns> parse_csv_format(const RunOptions& options) {
  if (options.csv_format == "native") return CsvColumns::native;
  if (options.csv_format != "openface")
    return wrong("--csv-format", options.csv_format, "expected native or openface");
  if (options.outputs.csv_landmarks) {
    return wrong("--csv-format", options.csv_format,
                 "its columns are OpenFace's, so --csv-landmarks has no place there");
  }
  return CsvColumns::openface;
}

/// What was asked for, what the columns of `outputs` need, and what these need.
/// `settings` has its outputs and how action units are measured.
Result<TaskSet> parse_tasks(const RunOptions& options, const RunSettings& settings) {
  Result<TaskSet> tasks = parse_task_list(options.tasks);
  if (!tasks) {
    return tl::unexpected<Error>(
        std::move(tasks).error().with_context("--tasks '" + options.tasks + "'"));
  }
  const OutputSettings& outputs = settings.outputs;
  if (outputs.csv && outputs.csv_columns == CsvColumns::openface) {
    for (const TaskName task : {TaskName::head_pose, TaskName::gaze, TaskName::action_units})
      tasks->insert(task);
  }
  return settings.action_units == ActionUnitMethod::openface ? with_openface(*tasks)
                                                             : tasks->closure();
}

Result<bool> parse_anonymize(const RunOptions& options, const TaskSet& tasks) {
  if (!options.anonymize) return false;
  if (*options.anonymize != "faces")
    return wrong("--anonymize", *options.anonymize, "expected faces");
  if (!tasks.contains(TaskName::faces)) {
    return wrong("--anonymize", *options.anonymize,
                 "faces that are not looked for cannot be hidden; add faces to --tasks");
  }
  return true;
}

Result<std::map<ModelTask, std::filesystem::path>> parse_models(const RunOptions& options) {
  std::map<ModelTask, std::filesystem::path> models;
  for (const std::string& text : options.models) {
    if (is_openface_folder(text)) continue;
    const std::pair<ModelTask, std::filesystem::path> model = TRY(parse_model(text));
    models[model.first] = model.second;
  }
  return models;
}

Result<std::optional<int>> parse_detect_every(const RunOptions& options, const TaskSet& tasks) {
  if (options.detect_every.value_or(1) != 1 && !tasks.contains(TaskName::landmarks) &&
      !tasks.contains(TaskName::pose)) {
    return wrong(
        "--detect-every", std::to_string(*options.detect_every),
        "between detections faces are followed by their landmarks, persons by their poses; "
        "add landmarks or pose to --tasks, or detect every 1 frame");
  }
  return options.detect_every;
}

}  // namespace

void add_analysis_options(CLI::App& command, RunOptions& options) {
  command
      .add_option("SOURCE", options.sources,
                  "video files, images, folders, globs, test:WIDTHxHEIGHT@FPS")
      ->required();
  command.add_option("--tasks", options.tasks, "what to measure, of\n" + all_task_names(" "))
      ->type_name("LIST")
      ->capture_default_str();
  command.add_option("--device", options.device, "where models run: auto or cpu")
      ->capture_default_str();
  command
      .add_option("--model", options.models,
                  "another model file for a task; its family is recognised")
      ->type_name("TASK=FILE")
      ->allow_extra_args(false);
  command
      .add_option(
          "--au", options.action_units,
          "how action units are measured: from blendshapes, or by OpenFace 2's chain, whose\n"
          "models are not for commercial use: `retinue models pull openface_au` shows the\n"
          "terms; --model action-units=FOLDER takes your own OpenFace model folder.\n"
          "openface measures recordings a second time at their end, as OpenFace does: their\n"
          "records are held back until then, on the disk (TMPDIR, 7 kB a face and frame);\n"
          "videos and live sources are not")
      ->type_name("blendshapes|openface")
      ->capture_default_str();
  command
      .add_option("--detect-size", options.detect_size,
                  "long side of the detector's input (default: 320 for video, 640 for images)")
      ->type_name("N");
  command
      .add_option("--detect-every", options.detect_every,
                  "run the detectors every N frames; between, follow faces by their landmarks\n"
                  "and persons by their poses\n"
                  "(default: 1 lossless; 5 live, less often when there is no time)")
      ->type_name("N");
  command.add_option("--max-faces", options.max_faces, "most faces in a frame (default: 16)")
      ->type_name("N");
  command.add_option("--max-persons", options.max_persons, "most persons in a frame (default: 64)")
      ->type_name("N");
  command
      .add_option("--min-score", options.min_score,
                  "detector score below which there is no face or person (default: that of the\n"
                  "model's family; 0.7 for the default faces, 0.4 for the default persons)")
      ->type_name("X");
  command
      .add_option("--frames", options.frames,
                  "only frames A <= n < B, from 0; either may be left out")
      ->type_name("A:B");
  auto* fov =
      command.add_option("--fov", options.fov_deg, "horizontal field of view, for millimetres")
          ->type_name("DEG")
          ->capture_default_str();
  command.add_option("--intrinsics", options.intrinsics, "camera in pixels, instead of --fov")
      ->type_name("fx,fy,cx,cy")
      ->excludes(fov);
  command.add_flag("--no-smoothing", options.no_smoothing,
                   "raw boxes, landmarks, blendshapes and angles");
  command.add_flag("--as-sequence", options.as_sequence,
                   "join images in name order into one source");
  auto* live = command.add_flag("--live", options.live,
                                "newest frame wins: what cameras, RTSP and test: do anyway;\n"
                                "files are played as a camera would");
  command.add_flag("--lossless", options.lossless, "every frame, in order: what files do anyway")
      ->excludes(live);
  command
      .add_flag("--sequential", options.sequential,
                "one frame at a time on one thread, every frame: the reference")
      ->excludes(live);
  command.add_option("--lanes", options.lanes, "inference threads (default: one for each core)")
      ->type_name("N");
  command.add_option("--decode-threads", options.decode_threads, "threads inside the decoder")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--queue", options.queue, "frames that may wait for a lane")
      ->type_name("N|auto")
      ->capture_default_str();
}

void add_output_options(CLI::App& command, RunOptions& options) {
  constexpr const char* kOutputs = "Outputs ('-' is stdout, {source} in FILE the source's stem)";
  command.add_option("--jsonl", options.outputs.jsonl, "one JSON object a frame")
      ->type_name("FILE")
      ->group(kOutputs);
  command.add_option("--csv", options.outputs.csv, "one row a face or person and frame")
      ->type_name("FILE")
      ->group(kOutputs);
  command
      .add_option("--csv-format", options.csv_format,
                  "columns: native, or those of OpenFace's FeatureExtraction; openface adds the\n"
                  "tasks that its columns need")
      ->type_name("native|openface")
      ->capture_default_str()
      ->group(kOutputs);
  command
      .add_flag("--csv-landmarks", options.outputs.csv_landmarks,
                "add a column for each landmark coordinate")
      ->group(kOutputs);
  command.add_option("--video", options.outputs.video, "annotated H.264 MP4")
      ->type_name("FILE")
      ->group(kOutputs);
  command
      .add_flag("--view", options.view,
                "a window on what is measured; q quits as Ctrl-C does, space pauses, m mirrors,\n"
                "l b g s toggle landmarks, boxes, head direction, blendshapes, h shows the keys;\n"
                "files pass as fast as they are measured: add --live to see them at their own pace")
      ->group(kOutputs);
  command
      .add_option("--anonymize", options.anonymize,
                  "make faces unrecognisable in every picture that leaves the program: faces")
      ->type_name("WHAT")
      ->group(kOutputs);
  command.add_option("--stats", options.statistics_file, "closing statistics as JSON")
      ->type_name("FILE")
      ->group(kOutputs);
  command
      .add_option("--trace", options.trace_file,
                  "what ran when, on which thread, for ui.perfetto.dev")
      ->type_name("FILE")
      ->group(kOutputs);
  command
      .add_flag("--skip-existing", options.outputs.skip_existing,
                "skip sources whose outputs are complete")
      ->group(kOutputs);
}

Result<RunSettings> run_settings(const RunOptions& options) {
  TRY(check_device(options));
  TRY(check_ranges(options));
  RunSettings settings;
  settings.sources = options.sources;
  settings.as_sequence = options.as_sequence;
  settings.outputs = options.outputs;
  settings.outputs.csv_columns = TRY(parse_csv_format(options));
  settings.action_units = TRY(parse_action_unit_method(options.action_units));
  settings.openface_folder = TRY(parse_openface_folder(options.models, settings.action_units));
  settings.tasks = TRY(parse_tasks(options, settings));
  settings.anonymize_faces = TRY(parse_anonymize(options, settings.tasks));
  settings.trace = options.trace_file;
  settings.models = TRY(parse_models(options));
  settings.detect_size = options.detect_size;
  settings.detect_every = TRY(parse_detect_every(options, settings.tasks));
  if (options.live) settings.liveness = Liveness::live;
  if (options.lossless) settings.liveness = Liveness::lossless;
  if (options.max_faces) settings.max_faces = *options.max_faces;
  if (options.max_persons) settings.max_persons = *options.max_persons;
  settings.min_score = options.min_score;
  settings.smoothing = !options.no_smoothing;
  if (options.frames) settings.frames = TRY(parse_frames(*options.frames));
  settings.horizontal_fov_deg = options.fov_deg;
  if (options.intrinsics) settings.intrinsics = TRY(parse_intrinsics(*options.intrinsics));
  settings.sequential = options.sequential;
  if (options.lanes) settings.lanes = *options.lanes;
  settings.decode_threads = options.decode_threads;
  settings.queue = TRY(parse_queue(options.queue));
  return settings;
}

}  // namespace retinue
