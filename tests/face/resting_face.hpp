/// A face whose blendshapes and mesh are at rest, and ways to move it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "face/canonical_face.hpp"
#include "perception/face.hpp"

namespace retinue {

/// MediaPipe's canonical face, seen from the front, one pixel a millimetre; its mouth is closed.
inline Face resting_face() {
  Face face;
  face.score = 0.9F;
  face.presence = 0.9F;
  face.box = {0, 0, 200, 200};
  for (const CanonicalLandmark& landmark : canonical_face())
    face.landmarks.push_back({landmark.x_mm, landmark.y_mm, landmark.z_mm});
  face.landmarks.resize(kFaceLandmarkCount);  // The irises are not looked at.
  face.landmarks[14] = face.landmarks[13];
  face.blendshapes.emplace();
  face.blendshapes->fill(0);
  return face;
}

inline float& coefficient(Face& face, std::string_view name) {
  const auto& names = blendshape_names();
  return face.blendshapes->at(
      static_cast<std::size_t>(std::ranges::find(names, name) - names.begin()));
}

/// Both sides.
inline void move(Face& face, std::string_view stem, float value) {
  coefficient(face, std::string(stem) + "Left") = value;
  coefficient(face, std::string(stem) + "Right") = value;
}

}  // namespace retinue
