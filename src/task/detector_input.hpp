/// What detectors look at: which frames, and how large.
#pragma once

#include <cstdint>

#include "geometry/affine.hpp"
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

/// How the picture lies in a detector's input.
enum class PictureFit : std::uint8_t { top_left, centered, stretched };

struct PicturePlacement {
  Size input;
  Affine<UprightPx, TensorPx> upright_from_tensor;
};

/// Parameters as of detector_input, which says the size and, unless the picture is stretched, the
/// scale.
PicturePlacement place_picture(const Box<UprightPx>& picture, PictureFit fit, int detect_size,
                               Size fixed);

}  // namespace retinue
