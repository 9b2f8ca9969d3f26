/// The CSV columns that OpenFace writes.
#pragma once

#include <memory>

#include "sink/csv_format.hpp"

namespace retinue {

/// The columns, order, units, signs and decimals of OpenFace 2.2's FeatureExtraction (Baltrušaitis,
/// Zadeh, Lim, Morency, "OpenFace 2.0: Facial Behavior Analysis Toolkit", FG 2018; its wiki's page
/// "Output Format"), without its eye landmarks, 3D landmarks and model parameters:
///
///   frame            from 1
///   face_id          the track, counted from 0
///   timestamp        seconds
///   confidence       the mesh's presence, or the detector's score where there is none, in [0, 1]
///   success          1, or 0 where there is no face or its mesh found none
///   gaze_0_x … _z    unit vector of the eye that is leftmost in an unmirrored picture: the
///                    person's right; gaze_1: the other
///   gaze_angle_x, _y radians, of the mean of both vectors: x positive to the picture's right, y
///                    positive downwards
///   pose_Tx … Tz     millimetres in camera axes (x right, y down, z away)
///   pose_Rx, Ry, Rz  radians: the head's rotation in camera axes is Rx · Ry · Rz, about the x, y
///                    and z axes
///   x_0 … y_67       the 68 iBUG points of the mesh, in pixels whose centres are whole numbers
///   AU01_r … AU45_r  17 intensities in [0, 5]
///   AU01_c … AU45_c  18 presences, 0 or 1
///
/// One row per face and frame. A frame without a face is a row with 0 in everything but frame and
/// timestamp; what was not measured of a face is 0, too, as OpenFace writes it. A packet that could
/// not be decoded has no frame number and so no row. Lines end in "\n".
std::unique_ptr<CsvFormat> openface_csv();

}  // namespace retinue
