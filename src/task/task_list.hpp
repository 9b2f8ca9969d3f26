/// The tasks that a user can ask for, as steps to run on every frame.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "models/model_file.hpp"
#include "perception/task_set.hpp"
#include "task/step.hpp"

namespace retinue {

/// In face/: the files of OpenFace's chain.
struct OpenFaceModel;

inline constexpr int kVideoDetectSize = 320;
inline constexpr int kStillDetectSize = 640;
inline constexpr int kPersonDetectSize = 640;

struct FaceTaskSettings {
  /// Long side of the detector's input in pixels. Pictures are enlarged, too: a face that fills a
  /// small picture is found like any other. Absent: kVideoDetectSize, or kStillDetectSize for still
  /// pictures.
  std::optional<int> detect_size;
  std::size_t max_faces = 16;
  std::optional<float> min_score;  ///< The detector's own default when absent.
  /// What action units are measured by. Null: by blendshapes, which need no step of their own.
  std::shared_ptr<const OpenFaceModel> openface;
};

struct PersonTaskSettings {
  /// Long side of the detector's input in pixels, for models that leave it open. Absent:
  /// kPersonDetectSize.
  std::optional<int> detect_size;
  std::size_t max_persons = 64;
  std::optional<float> min_score;  ///< The model family's own default when absent.
  /// Persons whose points are found in one run of models whose batch axis is open.
  std::size_t pose_batch = 1;
};

/// A model, loaded.
struct LoadedModel {
  ModelTask task = ModelTask::faces;
  ModelFamily family = ModelFamily::yunet;
  std::string name;    ///< Of the catalogue, or the user's path.
  std::string sha256;  ///< Of the source file, in hexadecimal.
  std::shared_ptr<const Session> session;
  std::size_t person_class = 0;  ///< Of detectors of persons: the index among its classes.
};

/// The models that `tasks` need, in the order in which they run.
std::vector<ModelTask> models_for(const TaskSet& tasks);

/// Models that do a part of these tasks where the user names one: is_optional.
std::vector<ModelTask> optional_models_for(const TaskSet& tasks);

/// Opens a session for the model and runs it once, so that a graph that loads but does not run is
/// found before the first frame.
///
/// Errors  those of Session::create; unsupported: it does not run.
Result<LoadedModel> open_model(ModelTask task, const ModelFile& file,
                               const SessionSettings& settings);

/// The steps that every frame runs through, in this order.
struct AnalysisPlan {
  std::vector<std::unique_ptr<Step>> steps;
  /// Of a source that is followed, the steps turn_begin ≤ i < turn_end take turns: those of one
  /// frame are done before those of the next begin. None where both are equal.
  std::size_t turn_begin = 0;
  std::size_t turn_end = 0;

  /// Whether something can be followed between detections: faces by their landmarks, persons by the
  /// points of their bodies.
  bool can_follow() const { return turn_begin != turn_end; }
};

/// Steps for `tasks`, which must be closed (TaskSet::closure), with a model for each of
/// models_for(tasks); one that finds persons and their points does for both tasks. Sources are
/// followed or not as their FrameAnalysis says; persons who cannot be followed (without poses, or
/// with such a model) are looked for in every frame.
///
/// Errors  invalid_argument: a model is missing.
Result<AnalysisPlan> create_plan(const TaskSet& tasks, const std::vector<LoadedModel>& models,
                                 const FaceTaskSettings& settings,
                                 const PersonTaskSettings& person_settings = {});

}  // namespace retinue
