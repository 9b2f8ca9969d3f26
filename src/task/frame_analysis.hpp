/// What is known of one frame while its steps run.
#pragma once

#include <cstddef>
#include <vector>

#include "frame/frame.hpp"
#include "geometry/camera.hpp"
#include "perception/face.hpp"

namespace retinue {

/// Thread-bound; one lane at a time works on it.
struct FrameAnalysis {
  /// A face whose mesh is run again, and where.
  struct SecondLook {
    std::size_t face = 0;
    RotatedBox<UprightPx> region;
  };

  Frame frame;
  PinholeCamera<UprightPx> camera;
  std::vector<FaceIn<UprightPx>> faces;
  std::vector<SecondLook> second_looks;
};

}  // namespace retinue
