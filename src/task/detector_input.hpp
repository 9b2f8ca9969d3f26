/// What detectors look at: which frames, and how large.
#pragma once

#include "geometry/box.hpp"
#include "geometry/space.hpp"

namespace retinue {

enum class DetectionFrames {
  all,
  due,     ///< Those for which the detection is due: all where nothing is followed.
  wanted,  ///< Those for which it is not due but its follower wants it. Takes its turn.
};

struct DetectorInput {
  Size size;         ///< Of the input tensor; multiples of 32 unless the model has its own.
  double scale = 1;  ///< Input pixels for a pixel of the picture, by which all of it fits.
};

/// `detect_size`: long side of the picture in the input. `fixed`: the model's own size where it has
/// one, which then decides alone; else 0 x 0.
DetectorInput detector_input(const Box<UprightPx>& picture, int detect_size, Size fixed);

}  // namespace retinue
