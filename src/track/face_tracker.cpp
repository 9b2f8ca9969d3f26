#include "track/face_tracker.hpp"

namespace retinue {

void FaceTracker::update(std::vector<Face>& faces, MediaTime time) {
  observations_.clear();
  for (const Face& face : faces)
    observations_.push_back({face.box});
  const auto tracks = tracker_.update(observations_, time);
  for (std::size_t i = 0; i < faces.size(); ++i)
    faces[i].track = tracks[i];
}

}  // namespace retinue
