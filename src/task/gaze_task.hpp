/// The task "gaze": where a person looks.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "models/model_family.hpp"
#include "task/step.hpp"

namespace retinue {

/// For the four families of gaze models. Runs after head pose; a face without landmarks or head
/// pose, or whose eyes are both shut (is_open), gets no gaze.
///
/// All models see a crop and answer in its axes: their answers are taken to camera axes by the ray
/// through the middle between the eyes (ViewingRay), and by the head's roll where the crop was
/// turned upright. Whatever the model, a single eye's direction is the model's and half of what the
/// mesh's irises say that the eyes differ by (eye_direction); where one eye is shut, the other's is
/// the model's.
///
/// gaze_adas    two squares of 60 pixels around the eyes, 1.8 times as wide as the eye, turned
///              upright by the head's roll, BGR 0..255; and the head's angles. As in Open Model
///              Zoo's gaze_estimation_demo. `left_eye_image` is the eye on the picture's left, the
///              person's right: measured, that way round the model agrees with the irises and looks
///              into the camera on portraits that do.
/// gaze_bins    the face's box, stretched to the model's square as in L2CS-Net's demo; RGB, mean
/// and
///              deviation of ImageNet.
/// gaze_angles  a square of 140 mm at the face's distance around the face's middle, turned upright
///              by the head's roll: ETH-XGaze's normalisation, as a similarity instead of its
///              homography. RGB, ImageNet.
/// gaze360      a square 1.3 times as large as the face's box, RGB, ImageNet.
///
/// Errors  invalid_argument: not a family of gaze models, or not the inputs of this one.
Result<std::unique_ptr<Step>> create_gaze(ModelFamily family,
                                          std::shared_ptr<const Session> session);

}  // namespace retinue
