/// The CSV columns that mirror the JSON records.
#pragma once

#include <memory>

#include "perception/task_set.hpp"
#include "sink/csv_format.hpp"

namespace retinue {

struct NativeCsvSettings {
  /// Decides the columns, together with the tasks that these need.
  TaskSet tasks;
  /// Three more columns for each of the kFaceLandmarkCount points: landmark_0_x, _y, _z, …
  bool landmarks = false;
};

/// One row per face or person and frame, faces first; fields of what was not measured are empty.
/// Columns, in this order:
///
///   always        source, frame, time_s, kind, track, score, box_x, box_y, box_w, box_h
///   faces         right_eye_x, right_eye_y, left_eye_…, nose_tip_…, right_mouth_corner_…,
///                 left_mouth_corner_…: the person's right and left
///   landmarks     presence
///   blendshapes   _neutral, browDownLeft, …: the 52 names
///   head-pose     yaw_deg, pitch_deg, roll_deg, translation_mm_x, translation_mm_y,
///                 translation_mm_z
///   pose          body_nose_x, body_nose_y, body_nose_score, body_left_eye_x, …: COCO's 17
///   action-units  AU01_intensity, … AU45_intensity (17), AU01_present, … AU45_present,
///                 AU28_present (18; 0 or 1)
///   emotion       emotion_angry, emotion_disgust, …: the 7 names
///   `landmarks`   landmark_0_x, landmark_0_y, landmark_0_z, … landmark_477_z
///   faces and     person: of a face, the track of the person whose face it is
///   persons
///
/// `kind` is "face" or "person"; empty in the one row of a frame without any of both; "error" in
/// the row of a packet that could not be decoded, which has only source and time_s besides. Units
/// and decimals are those of append_json. Quoting as RFC 4180, lines end in "\n".
std::unique_ptr<CsvFormat> native_csv(const NativeCsvSettings& settings);

}  // namespace retinue
