/// What a run is asked to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "geometry/camera.hpp"
#include "geometry/space.hpp"
#include "models/model_task.hpp"
#include "perception/task_set.hpp"

namespace retinue {

/// The columns of a CSV.
enum class CsvColumns { native, openface };

/// Files to write; "-" is stdout. `{source}` stands for the source's stem and makes a file for each
/// source.
struct OutputSettings {
  std::optional<std::string> jsonl;
  std::optional<std::string> csv;
  std::optional<std::string> video;
  CsvColumns csv_columns = CsvColumns::native;
  bool csv_landmarks = false;
  bool skip_existing = false;  ///< Skip sources whose outputs are complete.
};

/// Frames `first` ≤ n < `end`, counted from 0.
struct FrameRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> end;
};

/// Whether a source's frames may be dropped.
enum class Liveness {
  as_source,  ///< Cameras, RTSP and test pictures: the newest frame wins. Files: every frame.
  live,       ///< The newest wins everywhere; recordings are played as a camera would.
  lossless,   ///< Every frame of every source.
};

/// What action units are measured by.
enum class ActionUnitMethod {
  blendshapes,  ///< Their mapping, and the mesh.
  openface,     ///< OpenFace's chain, with its models.
};

struct RunSettings {
  std::vector<std::string> sources;  ///< As typed.
  TaskSet tasks;
  OutputSettings outputs;
  std::optional<std::string> trace;  ///< File for what ran when.
  std::map<ModelTask, std::filesystem::path>
      models;  ///< A user's own files; the catalogue's otherwise.
  /// The user's own files for OpenFace's chain (find_openface_files); the catalogue's otherwise.
  std::optional<std::filesystem::path> openface_folder;
  std::optional<int> detect_size;
  /// Frames between detections, faces being followed meanwhile. Absent: 1 for lossless sources, as
  /// often as there is time for live ones.
  std::optional<int> detect_every;
  std::size_t max_faces = 16;
  std::size_t max_persons = 64;
  std::optional<float> min_score;
  FrameRange frames;
  double horizontal_fov_deg = 60;
  std::optional<PinholeCamera<FramePx>> intrinsics;
  std::optional<std::size_t> lanes;  ///< One for each core when absent.
  int decode_threads = 1;
  std::optional<std::size_t> queue;
  Liveness liveness = Liveness::as_source;
  ActionUnitMethod action_units = ActionUnitMethod::blendshapes;
  bool as_sequence = false;  ///< Images are one source.
  bool smoothing = true;
  bool anonymize_faces = false;  ///< In every picture that leaves the program.
  bool sequential = false;
};

}  // namespace retinue
