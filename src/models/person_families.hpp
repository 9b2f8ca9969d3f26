/// How models of persons and poses are told apart. Private to this module.
#pragma once

#include <cstddef>

#include "models/model_signature.hpp"

namespace retinue {

// Each true if a model's inputs, outputs and metadata are those of its family.
bool is_yolox(const ModelSignature& signature);
/// What its exporter calls decode_in_inference. Outputs are named and shaped like those of the raw
/// head, but a raw head takes no exponential of anything.
bool is_yolox_decoded(const ModelSignature& signature);
bool is_nanodet(const ModelSignature& signature);
bool is_picodet(const ModelSignature& signature);
bool is_fastestdet(const ModelSignature& signature);
bool is_yolov5(const ModelSignature& signature);
bool is_yolov8(const ModelSignature& signature);
bool is_yolov10(const ModelSignature& signature);
bool is_yolo_pose(const ModelSignature& signature);
bool is_yolov10_pose(const ModelSignature& signature);
bool is_rtdetr(const ModelSignature& signature);
bool is_blazepose_detector(const ModelSignature& signature);
bool is_movenet(const ModelSignature& signature);
bool is_simcc(const ModelSignature& signature);
bool is_pose_heatmaps(const ModelSignature& signature);
bool is_blazepose_landmarks(const ModelSignature& signature);

/// Not the mask of the body and not the heat maps.
bool is_read_of_blazepose_landmarks(const ModelSignature& signature, std::size_t output);

}  // namespace retinue
