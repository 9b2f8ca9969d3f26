/// Input and output of Open Model Zoo's gaze-estimation-adas-0002.
#pragma once

#include "base/result.hpp"
#include "geometry/direction.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// Writes the angles of a head whose eyes are shown upright: f32, 3 numbers, degrees: yaw towards
/// the picture's right edge, pitch *downwards*, a roll of 0. `head` is in ray axes (ViewingRay).
///
/// Errors  invalid_argument: `input` is not three float32.
Result<void> write_gaze_adas_angles(const HeadPose& head, TensorView input);

/// `output`: f32, 3 numbers: where both eyes look, x right, *y up*, z away from the camera, of any
/// length. The result has unit length and y down, in the axes of the upright eye pictures.
///
/// Open Model Zoo, gaze-estimation-adas-0002, Intel, Apache-2.0.
///
/// Errors  invalid_argument: another number or type; corrupt_input: numbers that are not finite or
///         have no direction.
Result<Direction> read_gaze_adas(const TensorView& output);

}  // namespace retinue
