/// The outputs of Open Model Zoo's head-pose-estimation-adas-0001.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "perception/face.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// The outputs by name, in the order in which read_head_pose_adas wants them.
inline constexpr std::array<std::string_view, 3> kHeadPoseAdasOutputs{"angle_y_fc", "angle_p_fc",
                                                                      "angle_r_fc"};

/// Which output of the model is the n-th of kHeadPoseAdasOutputs.
using HeadPoseAdasOrder = std::array<std::size_t, 3>;

/// Yaw, pitch and roll of a head in ray axes (ViewingRay), with the signs of HeadPose; the
/// translation is 0.
///
/// `outputs`: three of f32, one number each, in degrees. The model counts pitch *downwards*.
///
/// Open Model Zoo, head-pose-estimation-adas-0001, Intel, Apache-2.0.
///
/// Errors  invalid_argument: another number or type of outputs. corrupt_input: an angle that is not
///         finite.
Result<HeadPose> read_head_pose_adas(std::span<const TensorView> outputs,
                                     const HeadPoseAdasOrder& order);

}  // namespace retinue
