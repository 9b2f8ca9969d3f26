/// The pinhole camera.
#pragma once

#include <cmath>

#include "geometry/box.hpp"

namespace retinue {

/// Maps camera coordinates (x right, y down, z away, any unit) to pixels of `Space`:
/// u = focal_x · x / z + center_x, v = focal_y · y / z + center_y.
template <typename Space>
struct PinholeCamera {
  double focal_x = 1;
  double focal_y = 1;
  double center_x = 0;
  double center_y = 0;

  /// Square pixels, the optical axis in the middle of `picture`, `horizontal_fov_rad` across its
  /// width.
  static PinholeCamera from_field_of_view(const Box<Space>& picture, double horizontal_fov_rad) {
    const double focal = static_cast<double>(picture.width) / 2 / std::tan(horizontal_fov_rad / 2);
    return {focal, focal, static_cast<double>(picture.center().x),
            static_cast<double>(picture.center().y)};
  }
};

}  // namespace retinue
