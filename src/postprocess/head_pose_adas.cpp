#include "postprocess/head_pose_adas.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace retinue {

Result<HeadPose> read_head_pose_adas(std::span<const TensorView> outputs,
                                     const HeadPoseAdasOrder& order) {
  std::array<float, 3> angles_deg{};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_angle = order[i] < outputs.size() &&
                          outputs[order[i]].type == ElementType::float32 &&
                          outputs[order[i]].shape.element_count() == 1;
    if (!is_angle) {
      return fail(ErrorCode::invalid_argument, "reading a head's angles: the output " +
                                                   std::string(kHeadPoseAdasOutputs[i]) +
                                                   " is not one number of float32");
    }
    angles_deg[i] = outputs[order[i]].floats()[0];
  }
  if (!std::ranges::all_of(angles_deg, [](float angle) { return std::isfinite(angle); })) {
    return fail(ErrorCode::corrupt_input, "reading a head's angles: one is not finite");
  }
  return HeadPose{.yaw_deg = angles_deg[0],
                  .pitch_deg = -angles_deg[1],
                  .roll_deg = angles_deg[2],
                  .translation_mm = {}};
}

}  // namespace retinue
