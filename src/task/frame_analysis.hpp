/// What is known of one frame while its steps run.
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "face/shape_model.hpp"
#include "frame/frame.hpp"
#include "geometry/affine.hpp"
#include "geometry/camera.hpp"
#include "perception/face.hpp"
#include "perception/person.hpp"
#include "postprocess/person_detection.hpp"
#include "task/source_follower.hpp"

namespace retinue {

/// Its lists keep their memory from frame to frame: `restart` between them, and a frame like those
/// before allocates nothing.
///
/// One lane at a time changes it as a whole; lanes that answer requests of one step at once each
/// change what is their request's.
struct FrameAnalysis {
  /// A face whose mesh is run again, and where.
  struct SecondLook {
    std::size_t face = 0;
    RotatedBox<UprightPx> region;
  };

  /// A face's shape, and where its aligned picture is.
  struct AlignedFace {
    std::size_t face = 0;
    std::array<Point<UprightPx>, kIbugLandmarkCount> landmarks;
    ShapeFit fit;
    Affine<TensorPx, UprightPx> aligned_from_picture;
  };

  Frame frame{Frame::Settings{}};
  PinholeCamera<UprightPx> camera;
  /// The source's, while what it shows is followed between detections; null where every frame
  /// stands for itself. Borrowed.
  SourceFollower* follower = nullptr;
  /// The detectors are to look at this frame whatever is being followed.
  bool detection_due = true;
  bool detected = false;          ///< The detector of faces looked at this frame.
  bool persons_detected = false;  ///< That of persons did.

  std::vector<FaceIn<UprightPx>> faces;
  std::vector<PersonIn<UprightPx>> persons;
  /// Where the mesh looks for each of `faces`; filled by the step that runs the mesh.
  std::vector<RotatedBox<UprightPx>> regions;
  std::vector<SecondLook> second_looks;
  std::vector<AlignedFace> aligned_faces;

  /// Of the detector, before they are faces of the picture.
  std::vector<FaceIn<TensorPx>> detections;
  std::vector<PersonDetection> person_detections;
  SpareLandmarks<UprightPx> spare_landmarks;

  /// Nothing is known of `next` yet.
  void restart(Frame next, const PinholeCamera<UprightPx>& its_camera) {
    release();
    frame = std::move(next);
    camera = its_camera;
    follower = nullptr;
    detection_due = true;
    detected = false;
    persons_detected = false;
  }

  /// Gives up the frame, whose pixels may be needed elsewhere, and what is known of it.
  void release() {
    frame = Frame(Frame::Settings{});
    spare_landmarks.take_from(faces);
    persons.clear();
    regions.clear();
    second_looks.clear();
    aligned_faces.clear();
  }
};

}  // namespace retinue
