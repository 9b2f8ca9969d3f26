/// MediaPipe's canonical face model: the head that the face mesh was made on.
#pragma once

#include <array>
#include <cstddef>

namespace retinue {

/// Landmarks of the face's surface: the mesh without the irises.
inline constexpr std::size_t kSurfaceLandmarkCount = 468;

/// In millimetres and camera axes (x right, y down, z away) of a face that looks into the camera;
/// the origin lies inside the head.
struct CanonicalLandmark {
  float x_mm;
  float y_mm;
  float z_mm;
  /// MediaPipe's weight in the Procrustes fit: 0 for all but 33.
  float basis_weight;
};

/// Data of MediaPipe's geometry_pipeline_metadata (Apache-2.0), with the axes turned.
const std::array<CanonicalLandmark, kSurfaceLandmarkCount>& canonical_face();

}  // namespace retinue
