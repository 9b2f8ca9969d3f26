/// Drawing what was measured onto the picture that it was measured in.
#pragma once

#include "frame/preview.hpp"
#include "perception/frame_result.hpp"

namespace retinue {

/// Which layers are drawn, where the result has them.
struct OverlaySettings {
  bool boxes = true;        ///< Corners of the box, track id and score.
  bool contours = true;     ///< Outlines of the mesh.
  bool skeletons = true;    ///< Bones and points of persons' bodies.
  bool head_pose = true;    ///< Axes at the nose: x red, y green, nose direction blue.
  bool gaze = true;         ///< An arrow from each open eye.
  bool blendshapes = true;  ///< The strongest, as bars beside the face.
  bool caption = true;      ///< Frame number and time, in a corner.
};

/// Draws `result` into `picture`, which must be the frame of the result at its own size.
///
/// Lines and letters grow with the picture and the face: legible from 360p to 4K, and thin on small
/// faces, of which only the box is left in the end. Colours belong to tracks (color_of). A result
/// without frame leaves the picture as it is. Reentrant. Needs rows that begin at a multiple of 4
/// bytes. No contours where faces are hidden (`FrameResult::hidden`).
void draw_overlay(const FrameResult& result, const Preview& picture,
                  const OverlaySettings& settings);

}  // namespace retinue
