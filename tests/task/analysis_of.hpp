/// Frames without pixels: steps ask only for their geometry.
#pragma once

#include "task/frame_analysis.hpp"

namespace retinue {

inline FrameAnalysis analysis_of(const PictureGeometry& geometry, bool is_still = false) {
  return {.frame = Frame({.geometry = geometry, .is_still = is_still}),
          .camera = PinholeCamera<UprightPx>::from_field_of_view(geometry.upright_bounds(), 1.0),
          .faces = {},
          .regions = {},
          .second_looks = {}};
}

}  // namespace retinue
