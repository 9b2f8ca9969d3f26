#include "track/face_tracker.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace retinue {

Box<FramePx> FaceTracker::expected_box(const Track& track, MediaTime time) {
  // Speed is believed for a short while only: a face that turns away does not go on for a second.
  constexpr double kBelieveSpeedForSeconds = 0.2;
  const auto interval_s = static_cast<float>(
      std::clamp(seconds_between(track.last_seen, time), 0.0, kBelieveSpeedForSeconds));
  Box<FramePx> box = track.box;
  box.x += track.velocity.x * interval_s;
  box.y += track.velocity.y * interval_s;
  return box;
}

void FaceTracker::find_pairings(const std::vector<Face>& faces, MediaTime time) {
  pairings_.clear();
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const Box<FramePx> expected = expected_box(tracks_[t], time);
    const float expected_size = std::sqrt(std::max(expected.area(), 1.0F));
    for (std::size_t f = 0; f < faces.size(); ++f) {
      const float overlap = iou(expected, faces[f].box);
      if (overlap >= settings_.min_iou) {
        pairings_.push_back({true, overlap, t, f});
        continue;
      }
      const float size = std::sqrt(std::max(faces[f].box.area(), 1.0F));
      const float apart = distance(expected.center(), faces[f].box.center()) / expected_size;
      const bool alike = size < 1.5F * expected_size && expected_size < 1.5F * size;
      if (alike && apart < settings_.max_center_distance)
        pairings_.push_back({false, -apart, t, f});
    }
  }
  // Ties are broken by age and by the order of the faces: the answer depends on the frames alone.
  std::sort(pairings_.begin(), pairings_.end(), [](const Pairing& a, const Pairing& b) {
    return std::tuple(!a.overlapping, -a.closeness, a.track, a.face) <
           std::tuple(!b.overlapping, -b.closeness, b.track, b.face);
  });
}

void FaceTracker::follow(Track& track, const Face& face, MediaTime time) {
  // Damaged files have frames a clock's tick apart: a detector's tremble would be a great speed.
  constexpr double kShortestIntervalSeconds = 0.004;
  const double interval_s = seconds_between(track.last_seen, time);
  if (interval_s > 0) {
    const Point<FramePx> moved = face.box.center() - track.box.center();
    const Point<FramePx> measured =
        moved * static_cast<float>(1 / std::max(interval_s, kShortestIntervalSeconds));
    // Half old, half new: detector boxes tremble by a pixel or two.
    track.velocity = track.velocity * 0.5F + measured * 0.5F;
  }
  track.box = face.box;
  track.last_seen = time;
}

void FaceTracker::update(std::vector<Face>& faces, MediaTime time) {
  std::erase_if(tracks_, [&](const Track& track) {
    return time.since_start - track.last_seen.since_start > settings_.forget_after;
  });
  track_taken_.assign(tracks_.size(), false);
  for (Face& face : faces)
    face.track.reset();
  find_pairings(faces, time);
  for (const Pairing& pairing : pairings_) {
    Face& face = faces[pairing.face];
    if (track_taken_[pairing.track] || face.track) continue;
    track_taken_[pairing.track] = true;
    face.track = tracks_[pairing.track].id;
    follow(tracks_[pairing.track], face, time);
  }
  for (Face& face : faces) {
    if (face.track) continue;
    face.track = TrackId{++last_id_};
    tracks_.push_back({*face.track, face.box, {}, time});
  }
}

}  // namespace retinue
