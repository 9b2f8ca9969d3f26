/// The region around a detected face that the mesh looks at.
#pragma once

#include "geometry/box.hpp"
#include "perception/face.hpp"

namespace retinue {

/// How a square lies around a face.
struct FaceSquare {
  float scale = 1;          ///< Side of the square in mean sides of the box.
  float shift_to_chin = 0;  ///< Of the centre, in mean sides of the box.
  float min_side_px = 0;    ///< A box may be empty.
};

/// A square around the middle of a face's box, turned as the face is: as the line of the eyes and
/// the line from eyes to mouth together, each weighted by its length, as a profile's eyes say
/// little.
RotatedBox<UprightPx> face_square(const FaceIn<UprightPx>& face, const FaceSquare& square);

/// A square, turned as the face is, with a side of 1.4 times the box's mean side, its centre
/// shifted towards the chin by 0.05 of that mean.
///
/// MediaPipe's own rule (long side times 1.5, no shift, eyes only) fits its own detector's boxes;
/// YuNet's reach from forehead to chin. Of the rules tried on labelled faces, as they are and
/// turned, this has the lowest error and keeps the mesh's presence highest;
/// `tools/reference_roi_sweep.py` prints the table.
RotatedBox<UprightPx> face_region(const FaceIn<UprightPx>& face);

/// The region around a face whose landmarks are known: level as the line from the right eye's outer
/// corner to the left one's, around the extent of the landmarks in that direction, a square of 1.25
/// times its long side. `face` has landmarks.
RotatedBox<UprightPx> face_region_of_landmarks(const FaceIn<UprightPx>& face);

}  // namespace retinue
