#include "models/model_family.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "models/class_names.hpp"
#include "models/face_families.hpp"
#include "models/person_families.hpp"

namespace retinue {
namespace {

/// One row a family and task: what it does, what it takes, in words and as a check.
struct FamilyContract {
  ModelFamily family;
  ModelTask task;
  std::string_view accepted;
  bool (*matches)(const ModelSignature&);
  /// Whether the postprocessing reads an output; null: all of them.
  bool (*reads)(const ModelSignature&, std::size_t output) = nullptr;
};

constexpr std::array kContracts{
    FamilyContract{ModelFamily::yunet, ModelTask::faces,
                   "one float input [N, 3, H, W] and the twelve outputs cls_S, obj_S, bbox_S, "
                   "kps_S for S = 8, 16, 32 with 1, 1, 4, 10 columns",
                   is_yunet},
    FamilyContract{ModelFamily::blazeface, ModelTask::faces,
                   "one float input [N, 3, 128, 128] and outputs [N, 896, 16] and [N, 896, 1], or "
                   "[N, 3, 192, 192] and outputs of 2304 rows",
                   is_blazeface},
    FamilyContract{ModelFamily::scrfd, ModelTask::faces,
                   "one float input [N, 3, H, W] and nine outputs: for each of the strides 8, 16, "
                   "32 one with 1 column, then for each one with 4, then for each one with 10",
                   is_scrfd},
    FamilyContract{ModelFamily::retinaface, ModelTask::faces,
                   "one float input [N, 3, H, W] and three outputs of rank 3 with 4, 2 and 10 "
                   "columns",
                   is_retinaface},
    FamilyContract{ModelFamily::mediapipe_face_mesh, ModelTask::landmarks,
                   "one float input [N, 3, S, S], a first output of 1434 elements (478 points) and "
                   "a second of 1 (presence)",
                   is_face_mesh, is_read_of_face_mesh},
    FamilyContract{ModelFamily::mediapipe_blendshapes, ModelTask::blendshapes,
                   "one float input [N, 146, 2] and one output of 52 elements", is_blendshapes},
    FamilyContract{
        ModelFamily::yolox, ModelTask::persons,
        "one float input [N, 3, H, W] and one output [N, cells, 5 + classes], a cell for "
        "each of the strides 8, 16, 32, without Ultralytics' metadata and without an Exp behind "
        "the last convolutions",
        is_yolox},
    FamilyContract{ModelFamily::yolox_decoded, ModelTask::persons,
                   "the same with an Exp behind the last convolutions, which decodes the boxes",
                   is_yolox_decoded},
    FamilyContract{ModelFamily::nanodet, ModelTask::persons,
                   "one float input [N, 3, H, W] and, for each of the strides 8, 16, 32, an output "
                   "[N, cells, classes], then for each an output [N, cells, 32]",
                   is_nanodet},
    FamilyContract{ModelFamily::picodet, ModelTask::persons,
                   "one float input [N, 3, H, W] and, for each of the strides 8, 16, 32, 64, an "
                   "output [N, cells, classes], then for each an output [N, cells, 32]",
                   is_picodet},
    FamilyContract{ModelFamily::fastestdet, ModelTask::persons,
                   "one float input [N, 3, H, W] and one output [N, 5 + classes, H/16, W/16]",
                   is_fastestdet},
    FamilyContract{ModelFamily::yolov5, ModelTask::persons,
                   "one float input [N, 3, H, W] and one output [N, 3 * cells, 5 + classes]",
                   is_yolov5},
    FamilyContract{ModelFamily::yolov8, ModelTask::persons,
                   "one float input [N, 3, H, W] and one output [N, 4 + classes, cells]",
                   is_yolov8},
    FamilyContract{ModelFamily::yolov10, ModelTask::persons,
                   "one float input [N, 3, H, W] and one output [N, detections, 6]", is_yolov10},
    FamilyContract{ModelFamily::yolo_pose, ModelTask::persons,
                   "one float input [N, 3, H, W] and one output [N, 56, cells], 17 keypoints",
                   is_yolo_pose},
    FamilyContract{ModelFamily::yolov10_pose, ModelTask::persons,
                   "one float input [N, 3, H, W] and one output [N, detections, 57], 17 keypoints",
                   is_yolov10_pose},
    FamilyContract{
        ModelFamily::rtdetr, ModelTask::persons,
        "a float input [N, 3, H, W] and outputs [N, Q, classes] and [N, Q, 4]; or with a "
        "second input int64 [N, 2], labels, boxes and scores; or one output "
        "[N, Q, 4 + classes]",
        is_rtdetr},
    FamilyContract{ModelFamily::blazepose_detector, ModelTask::persons,
                   "one float input [N, 3, 224, 224] and outputs [N, 2254, 12] and [N, 2254, 1]",
                   is_blazepose_detector},
    FamilyContract{ModelFamily::yolo_pose, ModelTask::pose,
                   "one float input [N, 3, H, W] and one output [N, 56, cells], 17 keypoints",
                   is_yolo_pose},
    FamilyContract{ModelFamily::yolov10_pose, ModelTask::pose,
                   "one float input [N, 3, H, W] and one output [N, detections, 57], 17 keypoints",
                   is_yolov10_pose},
    FamilyContract{ModelFamily::movenet, ModelTask::pose,
                   "one input of a picture of fixed size and one output of 17 x 3 elements",
                   is_movenet},
    FamilyContract{ModelFamily::simcc, ModelTask::pose,
                   "one float input [N, 3, H, W] and outputs [N, 17, k * W] and [N, 17, k * H]",
                   is_simcc},
    FamilyContract{ModelFamily::pose_heatmaps, ModelTask::pose,
                   "one float input [N, 3, H, W] and one output [N, 17, H/k, W/k]",
                   is_pose_heatmaps},
    FamilyContract{ModelFamily::blazepose_landmarks, ModelTask::pose,
                   "one input of a picture of fixed size and outputs of 195, 117 and 1 elements",
                   is_blazepose_landmarks, is_read_of_blazepose_landmarks},
    FamilyContract{ModelFamily::head_pose_adas, ModelTask::head_pose,
                   "one float input [N, 3, 60, 60] and the outputs angle_y_fc, angle_p_fc and "
                   "angle_r_fc of 1 element",
                   is_head_pose_adas},
    FamilyContract{ModelFamily::gaze_adas, ModelTask::gaze,
                   "float inputs left_eye_image and right_eye_image [N, 3, 60, 60] and "
                   "head_pose_angles [N, 3], and one output of 3 elements",
                   is_gaze_adas},
    FamilyContract{ModelFamily::gaze_bins, ModelTask::gaze,
                   "one float input [N, 3, S, S] and two outputs (yaw, pitch) of 90 or of 28 "
                   "elements",
                   is_gaze_bins},
    FamilyContract{ModelFamily::gaze_angles, ModelTask::gaze,
                   "one float input [N, 3, S, S] and one output of 2 elements (pitch, yaw)",
                   is_gaze_angles},
    FamilyContract{ModelFamily::gaze360, ModelTask::gaze,
                   "one float input [N, 3, S, S], S at least 112, and one output of 3 elements "
                   "(yaw, pitch, uncertainty)",
                   is_gaze360},
    FamilyContract{ModelFamily::arcface, ModelTask::embedding,
                   "one float input [N, 3, S, S] and one output of a multiple of 64 elements, at "
                   "most 512",
                   is_arcface},
    FamilyContract{ModelFamily::fer2013, ModelTask::emotion,
                   "one float input [N, 1, S, S] and one output of 7 elements", is_fer2013},
};

constexpr std::array kNames{
    std::pair{ModelFamily::yunet, std::string_view("yunet")},
    std::pair{ModelFamily::blazeface, std::string_view("blazeface")},
    std::pair{ModelFamily::scrfd, std::string_view("scrfd")},
    std::pair{ModelFamily::retinaface, std::string_view("retinaface")},
    std::pair{ModelFamily::mediapipe_face_mesh, std::string_view("mediapipe_face_mesh")},
    std::pair{ModelFamily::mediapipe_blendshapes, std::string_view("mediapipe_blendshapes")},
    std::pair{ModelFamily::yolox, std::string_view("yolox")},
    std::pair{ModelFamily::yolox_decoded, std::string_view("yolox_decoded")},
    std::pair{ModelFamily::nanodet, std::string_view("nanodet")},
    std::pair{ModelFamily::picodet, std::string_view("picodet")},
    std::pair{ModelFamily::fastestdet, std::string_view("fastestdet")},
    std::pair{ModelFamily::yolov5, std::string_view("yolov5")},
    std::pair{ModelFamily::yolov8, std::string_view("yolov8")},
    std::pair{ModelFamily::yolov10, std::string_view("yolov10")},
    std::pair{ModelFamily::rtdetr, std::string_view("rtdetr")},
    std::pair{ModelFamily::blazepose_detector, std::string_view("blazepose_detector")},
    std::pair{ModelFamily::yolo_pose, std::string_view("yolo_pose")},
    std::pair{ModelFamily::yolov10_pose, std::string_view("yolov10_pose")},
    std::pair{ModelFamily::movenet, std::string_view("movenet")},
    std::pair{ModelFamily::simcc, std::string_view("simcc")},
    std::pair{ModelFamily::pose_heatmaps, std::string_view("pose_heatmaps")},
    std::pair{ModelFamily::blazepose_landmarks, std::string_view("blazepose_landmarks")},
    std::pair{ModelFamily::head_pose_adas, std::string_view("head_pose_adas")},
    std::pair{ModelFamily::gaze_adas, std::string_view("gaze_adas")},
    std::pair{ModelFamily::gaze_bins, std::string_view("gaze_bins")},
    std::pair{ModelFamily::gaze_angles, std::string_view("gaze_angles")},
    std::pair{ModelFamily::gaze360, std::string_view("gaze360")},
    std::pair{ModelFamily::arcface, std::string_view("arcface")},
    std::pair{ModelFamily::fer2013, std::string_view("fer2013")},
};

}  // namespace

std::string_view name_of(ModelFamily family) {
  for (const auto& [known, name] : kNames) {
    if (known == family) return name;
  }
  return "unknown";
}

Result<ModelFamily> parse_model_family(std::string_view name) {
  std::string list;
  for (const auto& [family, known] : kNames) {
    if (name == known) return family;
    if (!list.empty()) list += ", ";
    list += known;
  }
  return fail(ErrorCode::invalid_argument,
              "model family '" + std::string(name) + "' is not one of " + list);
}

bool finds_persons_and_points(ModelFamily family) {
  return family == ModelFamily::yolo_pose || family == ModelFamily::yolov10_pose;
}

std::string contract_of(ModelFamily family) {
  const auto* const found = std::ranges::find(kContracts, family, &FamilyContract::family);
  return found == kContracts.end() ? std::string() : std::string(found->accepted);
}

std::vector<std::string> outputs_read(ModelFamily family, const ModelSignature& signature) {
  const auto* const found = std::ranges::find(kContracts, family, &FamilyContract::family);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < signature.outputs.size(); ++i) {
    const bool read =
        found == kContracts.end() || found->reads == nullptr || found->reads(signature, i);
    if (read) names.push_back(signature.outputs[i].name);
  }
  return names;
}

Result<ModelFamily> recognise_family(const ModelSignature& signature, ModelTask task) {
  const std::string not_for = "not a model for the task '" + std::string(name_of(task)) + "': ";
  std::string accepted;
  for (const FamilyContract& contract : kContracts) {
    if (contract.task != task) continue;
    if (contract.matches(signature)) {
      if (task == ModelTask::persons) {
        const Result<std::size_t> persons = person_class(signature);
        if (!persons) {
          return fail(ErrorCode::unsupported, not_for + "found outputs of the family " +
                                                  std::string(name_of(contract.family)) + ", but " +
                                                  persons.error().message());
        }
      }
      return contract.family;
    }
    if (!accepted.empty()) accepted += "; or ";
    accepted += std::string(name_of(contract.family)) + ": " + std::string(contract.accepted);
  }
  return fail(ErrorCode::unsupported,
              not_for + "found " + signature.description() + "; accepted would be " + accepted);
}

}  // namespace retinue
