/// Model families: models of one family take the same preparation and postprocessing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/model_signature.hpp"
#include "models/model_task.hpp"

namespace retinue {

enum class ModelFamily {
  yunet,       ///< Anchor-free face detector, strides 8, 16, 32, five keypoints.
  blazeface,   ///< MediaPipe's face detectors: short range of 896 anchors, full range of 2304.
  scrfd,       ///< Two anchors a cell of strides 8, 16, 32; insightface's detectors.
  retinaface,  ///< The same cells, anchors of six sizes; Pytorch_Retinaface's exports.
  /// First output: 478 points (x, y, z) in input pixels. Second output: the presence logit.
  mediapipe_face_mesh,
  mediapipe_blendshapes,  ///< 52 coefficients from 146 mesh points.
  // Detectors of persons; postprocess/ has a file for each.
  yolox,          ///< The raw head.
  yolox_decoded,  ///< Its boxes are decoded in the graph.
  nanodet,
  picodet,
  fastestdet,
  yolov5,              ///< And v7: anchors applied.
  yolov8,              ///< And v9, v11, v12: anchor-free.
  yolov10,             ///< And YOLO26: end to end.
  rtdetr,              ///< And D-FINE, whose outputs are the same.
  blazepose_detector,  ///< MediaPipe's, 2254 anchors.
  // Persons and their points at once.
  yolo_pose,
  yolov10_pose,  ///< YOLO26-pose: end to end.
  // The points of one person in a region.
  movenet,
  simcc,  ///< RTMPose: two one-dimensional maps a point.
  pose_heatmaps,
  blazepose_landmarks,  ///< 33 points in the picture and in the world.
  head_pose_adas,       ///< Yaw, pitch and roll of a face's crop, each an output.
  // Where a person looks.
  gaze_adas,  ///< A gaze vector from two eyes and the head's angles.
  /// Yaw, then pitch of a face's crop, each as 90 bins of 4 degrees or 28 of 3: L2CS-Net.
  gaze_bins,
  gaze_angles,  ///< Pitch and yaw of a normalised face, in radians: ETH-XGaze, GazeHub.
  gaze360,      ///< Yaw and pitch of a head's crop in radians, and their uncertainty.
  arcface,      ///< A vector for a face that was aligned as ArcFace's are.
  fer2013,      ///< Probabilities of FER2013's seven emotions from a grey face.
};

/// As in the catalogue: "yunet", "mediapipe_face_mesh", "gaze_adas", "yolox", …
std::string_view name_of(ModelFamily family);

/// Errors  invalid_argument: not one of the names above.
Result<ModelFamily> parse_model_family(std::string_view name);

/// Whether models of the family find persons and their points in one run.
bool finds_persons_and_points(ModelFamily family);

/// By what models of the family are recognised, in words.
std::string contract_of(ModelFamily family);

/// The names of the outputs that the family's postprocessing reads, in the model's order, of a
/// model that was recognised as one of the family.
std::vector<std::string> outputs_read(ModelFamily family, const ModelSignature& signature);

/// The family of a model for `task`, told from its inputs, outputs and metadata alone.
///
/// Names of tensors are compared only where a family needs them to tell its outputs apart.
/// Works on a file as exported and on an imported one.
///
/// Errors  unsupported: no family of this task has such inputs and outputs, or a detector's classes
///         have no person among them; the message says what was found and what would be accepted.
Result<ModelFamily> recognise_family(const ModelSignature& signature, ModelTask task);

}  // namespace retinue
