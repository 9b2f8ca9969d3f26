#include "task/task_list.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "models/class_names.hpp"
#include "task/body_pose_task.hpp"
#include "task/emotion_task.hpp"
#include "task/face_blendshapes.hpp"
#include "task/face_detection.hpp"
#include "task/face_detectors.hpp"
#include "task/face_embedding_task.hpp"
#include "task/face_following.hpp"
#include "task/face_landmarks.hpp"
#include "task/gaze_task.hpp"
#include "task/head_pose_task.hpp"
#include "task/openface_task.hpp"
#include "task/person_detection_task.hpp"
#include "task/person_following.hpp"

namespace retinue {

namespace {

/// Tasks that ask a model about each face and need nothing but faces.
struct FaceTask {
  TaskName task;
  ModelTask model;
  Result<std::unique_ptr<Step>> (*create)(std::shared_ptr<const Session> session);
};
constexpr std::array kFaceTasks = {
    FaceTask{TaskName::embedding, ModelTask::embedding, create_face_embedding},
    FaceTask{TaskName::emotion, ModelTask::emotion, create_emotion}};

/// Any input that the model takes: open axes get `open_extent`, an open batch axis 1.
Shape trial_shape(Shape shape, std::int64_t open_extent) {
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] < 0) shape[axis] = axis == 0 ? 1 : open_extent;
  }
  return shape;
}

/// The one that finds persons: a model of its own, or one that finds their points besides.
Result<LoadedModel> person_detector(const std::vector<LoadedModel>& models) {
  const auto both = std::ranges::find_if(
      models, [](const LoadedModel& model) { return finds_persons_and_points(model.family); });
  if (both != models.end()) return *both;
  const auto found = std::ranges::find(models, ModelTask::persons, &LoadedModel::task);
  if (found != models.end()) return *found;
  return fail(ErrorCode::invalid_argument, "preparing the tasks: no model for 'persons'");
}

Result<const LoadedModel*> model_of(const std::vector<LoadedModel>& models, ModelTask task) {
  const auto found = std::ranges::find(models, task, &LoadedModel::task);
  if (found == models.end()) {
    return fail(ErrorCode::invalid_argument,
                "preparing the tasks: no model for '" + std::string(name_of(task)) + "'");
  }
  return &*found;
}

Result<std::shared_ptr<const Session>> session_of(const std::vector<LoadedModel>& models,
                                                  ModelTask task) {
  const LoadedModel* model = TRY(model_of(models, task));
  return model->session;
}

/// The steps of persons, and those of them that take their turn: a model that finds boxes and
/// points at once, or boxes alone, leaves nothing to follow by.
struct PersonSteps {
  std::unique_ptr<Step> detection;
  std::vector<std::unique_ptr<Step>> in_turn;
};

Result<PersonSteps> create_person_steps(const TaskSet& tasks,
                                        const std::vector<LoadedModel>& models,
                                        const PersonTaskSettings& settings) {
  using Frames = DetectionFrames;
  PersonSteps steps;
  if (!tasks.contains(TaskName::persons)) return steps;
  const LoadedModel detector = TRY(person_detector(models));
  const bool follows = tasks.contains(TaskName::pose) && !finds_persons_and_points(detector.family);
  steps.detection =
      TRY(create_person_detection(detector, settings, follows ? Frames::due : Frames::all));
  if (!follows) return steps;
  const LoadedModel* pose = TRY(model_of(models, ModelTask::pose));
  std::unique_ptr<Step> wanted = TRY(create_person_detection(detector, settings, Frames::wanted));
  std::unique_ptr<Step> body_pose = TRY(create_body_pose(*pose, settings));
  steps.in_turn.push_back(std::move(wanted));
  steps.in_turn.push_back(create_person_expectation());
  steps.in_turn.push_back(std::move(body_pose));
  steps.in_turn.push_back(create_person_memory());
  return steps;
}

/// How the model that finds faces is read.
Result<const FaceDetector*> face_detector(const std::vector<LoadedModel>& models) {
  const LoadedModel* model = TRY(model_of(models, ModelTask::faces));
  const FaceDetector* detector = face_detector_of(model->family);
  if (detector != nullptr) return detector;
  return fail(ErrorCode::unsupported, "preparing the model '" + model->name +
                                          "' for faces: the family " +
                                          std::string(name_of(model->family)) + " finds none");
}

Result<void> add_head_pose_steps(const std::vector<LoadedModel>& models,
                                 std::vector<std::unique_ptr<Step>>& steps) {
  steps.push_back(create_head_pose());
  const auto net = std::ranges::find(models, ModelTask::head_pose, &LoadedModel::task);
  if (net == models.end()) return {};
  std::unique_ptr<Step> step = TRY(create_head_pose_net(net->session));
  steps.push_back(std::move(step));
  return {};
}

}  // namespace

std::vector<ModelTask> models_for(const TaskSet& tasks) {
  std::vector<ModelTask> models;
  if (tasks.contains(TaskName::faces)) models.push_back(ModelTask::faces);
  if (tasks.contains(TaskName::landmarks)) models.push_back(ModelTask::landmarks);
  if (tasks.contains(TaskName::blendshapes)) models.push_back(ModelTask::blendshapes);
  if (tasks.contains(TaskName::gaze)) models.push_back(ModelTask::gaze);
  for (const FaceTask& task : kFaceTasks) {
    if (tasks.contains(task.task)) models.push_back(task.model);
  }
  if (tasks.contains(TaskName::persons)) models.push_back(ModelTask::persons);
  if (tasks.contains(TaskName::pose)) models.push_back(ModelTask::pose);
  return models;
}

std::vector<ModelTask> optional_models_for(const TaskSet& tasks) {
  std::vector<ModelTask> models;
  if (tasks.contains(TaskName::head_pose)) models.push_back(ModelTask::head_pose);
  return models;
}

Result<LoadedModel> open_model(ModelTask task, const ModelFile& file,
                               const SessionSettings& settings) {
  const std::string name = file.entry ? file.entry->name : file.path.string();
  std::shared_ptr<const Session> session = TRY(Session::create(name, file.graph, settings));
  std::vector<Shape> inputs;
  for (const TensorDescription& input : session->inputs())
    inputs.push_back(trial_shape(input.shape, 64));
  if (const Result<std::vector<Shape>> tried = session->output_shapes(inputs); !tried) {
    return fail(ErrorCode::unsupported, tried.error().message());
  }
  const std::size_t persons =
      task == ModelTask::persons ? TRY(person_class(file.signature)) : std::size_t{0};
  return LoadedModel{.task = task,
                     .family = file.family,
                     .name = name,
                     .sha256 = file.source_sha256.hex(),
                     .session = std::move(session),
                     .person_class = persons};
}

Result<AnalysisPlan> create_plan(const TaskSet& tasks, const std::vector<LoadedModel>& models,
                                 const FaceTaskSettings& settings,
                                 const PersonTaskSettings& person_settings) {
  AnalysisPlan plan;
  std::vector<std::unique_ptr<Step>>& steps = plan.steps;
  std::shared_ptr<const Session> detector;
  const FaceDetector* detector_family = nullptr;
  std::shared_ptr<const Session> mesh;
  PersonSteps persons = TRY(create_person_steps(tasks, models, person_settings));
  if (tasks.contains(TaskName::faces)) {
    detector = TRY(session_of(models, ModelTask::faces));
    detector_family = TRY(face_detector(models));
    const bool follows = tasks.contains(TaskName::landmarks);
    steps.push_back(create_face_detection(detector, settings, *detector_family,
                                          follows ? DetectionFrames::due : DetectionFrames::all));
  }
  if (persons.detection) steps.push_back(std::move(persons.detection));
  plan.turn_begin = steps.size();
  if (tasks.contains(TaskName::landmarks)) {
    mesh = TRY(session_of(models, ModelTask::landmarks));
    steps.push_back(create_face_detection(std::move(detector), settings, *detector_family,
                                          DetectionFrames::wanted));
    steps.push_back(create_face_expectation(settings.max_faces));
    steps.push_back(create_face_landmarks(mesh));
    steps.push_back(create_face_memory());
  }
  std::ranges::move(persons.in_turn, std::back_inserter(steps));
  plan.turn_end = steps.size();
  if (mesh) steps.push_back(create_face_landmarks_second_look(std::move(mesh)));
  if (tasks.contains(TaskName::blendshapes)) {
    std::shared_ptr<const Session> session = TRY(session_of(models, ModelTask::blendshapes));
    steps.push_back(create_face_blendshapes(std::move(session)));
  }
  if (tasks.contains(TaskName::head_pose)) TRY(add_head_pose_steps(models, steps));
  if (tasks.contains(TaskName::gaze)) {
    const LoadedModel* model = TRY(model_of(models, ModelTask::gaze));
    std::unique_ptr<Step> gaze = TRY(create_gaze(model->family, model->session));
    steps.push_back(std::move(gaze));
  }
  for (const FaceTask& task : kFaceTasks) {
    if (!tasks.contains(task.task)) continue;
    std::shared_ptr<const Session> session = TRY(session_of(models, task.model));
    std::unique_ptr<Step> step = TRY(task.create(std::move(session)));
    steps.push_back(std::move(step));
  }
  if (tasks.contains(TaskName::action_units) && settings.openface) {
    steps.push_back(create_openface_fit(settings.openface));
    steps.push_back(create_openface_measurement(settings.openface));
  }
  return plan;
}

}  // namespace retinue
