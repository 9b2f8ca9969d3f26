/// How models of faces are told apart. Private to this module.
#pragma once

#include <cstddef>

#include "models/model_signature.hpp"

namespace retinue {

// Each true if a model's inputs and outputs are those of its family.
bool is_yunet(const ModelSignature& signature);
bool is_blazeface(const ModelSignature& signature);
bool is_scrfd(const ModelSignature& signature);
bool is_retinaface(const ModelSignature& signature);
bool is_face_mesh(const ModelSignature& signature);
bool is_blendshapes(const ModelSignature& signature);
bool is_head_pose_adas(const ModelSignature& signature);
bool is_gaze_adas(const ModelSignature& signature);
bool is_gaze_bins(const ModelSignature& signature);
bool is_gaze_angles(const ModelSignature& signature);
/// Nets for head pose answer with three angles, too, from smaller pictures.
bool is_gaze360(const ModelSignature& signature);
bool is_arcface(const ModelSignature& signature);
bool is_fer2013(const ModelSignature& signature);

/// Not whether the tongue is out.
bool is_read_of_face_mesh(const ModelSignature& signature, std::size_t output);

}  // namespace retinue
