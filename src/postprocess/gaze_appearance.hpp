/// Outputs of nets that tell the gaze from a picture of the whole face.
#pragma once

#include "base/result.hpp"
#include "geometry/direction.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

// All results are of unit length in the axes of the face's crop: x right, y down, z away from the
// camera. All these nets count yaw positive towards the picture's *left* edge and pitch positive
// upwards. Errors of all: invalid_argument: another number or type; corrupt_input: numbers that are
// not finite.

/// `yaw`, `pitch`: f32, one logit a bin each, 90 bins of 4 degrees from -180 or 28 of 3 from -42.
/// An angle is the expectation under the softmax of its bins, each of which stands for its lower
/// edge, as in the authors' code. They are told apart by their position: the nets name both outputs
/// in either order, but always give the yaw first.
///
/// Abdelrahman et al., "L2CS-Net: Fine-Grained Gaze Estimation in Unconstrained Environments",
/// ICFSP 2023.
Result<Direction> read_gaze_bins(const TensorView& yaw, const TensorView& pitch);

/// `output`: f32, pitch and yaw in radians, in the axes of a face that was normalised.
///
/// Zhang et al., "ETH-XGaze: A Large Scale Dataset for Gaze Estimation under Extreme Head Pose and
/// Gaze Variation", ECCV 2020; Cheng et al., "Appearance-based Gaze Estimation With Deep Learning:
/// A Review and Benchmark", TPAMI 2024 (GazeHub).
Result<Direction> read_gaze_angles(const TensorView& output);

/// `output`: f32, yaw and pitch in radians and the half width of their 80 % interval, which is not
/// used.
///
/// Kellnhofer et al., "Gaze360: Physically Unconstrained Gaze Estimation in the Wild", ICCV 2019.
Result<Direction> read_gaze360(const TensorView& output);

}  // namespace retinue
