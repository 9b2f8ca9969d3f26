#include "sink/head_axes.hpp"

#include <cmath>
#include <numbers>

namespace retinue {

HeadAxes head_axes(const HeadPose& pose) {
  constexpr double kRadPerDeg = std::numbers::pi / 180;
  // The angles of the right-handed matrices in R = Rz(z)·Ry(y)·Rx(x).
  const double z = static_cast<double>(pose.roll_deg) * kRadPerDeg;
  const double y = -static_cast<double>(pose.yaw_deg) * kRadPerDeg;
  const double x = -static_cast<double>(pose.pitch_deg) * kRadPerDeg;
  const double cz = std::cos(z);
  const double sz = std::sin(z);
  const double cy = std::cos(y);
  const double sy = std::sin(y);
  const double cx = std::cos(x);
  const double sx = std::sin(x);
  // The columns of R; the nose points along the head's -z.
  return {.right = {cz * cy, sz * cy, -sy},
          .down = {cz * sy * sx - sz * cx, sz * sy * sx + cz * cx, cy * sx},
          .forward = {-(cz * sy * cx + sz * sx), -(sz * sy * cx - cz * sx), -(cy * cx)}};
}

}  // namespace retinue
